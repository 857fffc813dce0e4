// SPDX-License-Identifier: MIT
// The line reader, and everything that reads a reply. The first byte chooses the longest line, the
// second and third the pieces in which the rest arrives.
//
// Lines are the same however they arrive; whatever a reply says leaves a sound record.
#include <memory>

#include "core/electrum/features.h"
#include "core/electrum/line_reader.h"
#include "core/electrum/peers.h"
#include "core/electrum/reply.h"
#include "core/electrum/request.h"
#include "core/electrum/wire_habits.h"
#include "core/json/reader.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/sha256.h"

namespace observatory::fuzz {
namespace {

struct Line {
  std::string text;
  Eol eol;
  std::size_t length;
  bool too_long;

  friend bool operator==(const Line&, const Line&) = default;
};

std::vector<Line> read_lines(ByteView bytes, std::size_t longest, std::size_t first_piece,
                             std::size_t piece) {
  const auto buffer = std::make_unique<std::uint8_t[]>(longest);
  LineReader reader(MutableByteView(buffer.get(), longest));
  std::vector<Line> lines;
  const auto keep = [&] {
    lines.push_back({std::string(reader.line()), reader.eol(), reader.length(), reader.too_long()});
  };
  std::size_t size = first_piece;
  while (!bytes.empty()) {
    ByteView arrived = bytes.first(std::min(size, bytes.size()));
    bytes = bytes.subspan(arrived.size());
    size = piece;
    while (!arrived.empty()) {
      const std::size_t taken = reader.take(arrived);
      require(taken > 0 && taken <= arrived.size(), "a line reader takes what there is");
      arrived = arrived.subspan(taken);
      if (!reader.complete()) continue;
      keep();
      reader.next();
    }
  }
  keep();  // the unfinished line
  return lines;
}

void try_reply(std::string_view line, Record& record) {
  Reply reply;
  if (!ok(read_reply(line, reply))) return;
  set_member_order(line, FieldId::kWireOrder, record);
  is_spaced(line);
  padding_of(line);
  for (const std::string_view part : {reply.id, reply.result, reply.error, reply.method}) {
    require(part.empty() || ok(check_json(part)), "each part of a reply is JSON");
  }
  const ReplyError error = read_error(reply.error);
  require(error.message.empty() || json_type(error.message) == JsonType::kString,
          "the message of an error is a string");
  is_rate_limit(error);
  Request request{};
  if (request_of_id(reply.id, request)) {
    require(request >= Request::kVersion && request <= Request::kMempoolInfo,
            "an id belongs to a request");
  }
  test::Sha256Digest digest;
  record_scalar(reply.result, FieldId::kDonation, record);
  record_features(reply.result, record);
  record_peers(reply.result, digest, record);
}

}  // namespace
}  // namespace observatory::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace observatory;
  fuzz::Input input(data, size);
  const std::size_t longest = 1 + std::size_t{input.byte()} * 32;
  const std::size_t first_piece = 1 + std::size_t{input.byte()};
  const std::size_t piece = 1 + std::size_t{input.byte()};

  const auto lines = fuzz::read_lines(input.rest(), longest, first_piece, piece);
  const auto at_once = fuzz::read_lines(input.rest(), longest, size + 1, 1);
  fuzz::require(lines == at_once, "lines are the same however they arrive");

  fuzz::OwnedRecord owned(longest);  // often too small for what is to be kept
  fuzz::begin_observation(owned.record);
  for (const fuzz::Line& line : lines) {
    // A copy of exactly its size, so that the sanitizers see every byte beyond.
    const std::vector<char> exact(line.text.begin(), line.text.end());
    if (!line.too_long) fuzz::try_reply({exact.data(), exact.size()}, owned.record);
  }
  fuzz::require_sound(owned.record);
  return 0;
}
