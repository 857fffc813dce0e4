// SPDX-License-Identifier: MIT
// The CBOR reader and the expander of references on any bytes: each ends in a documented status,
// and what was taken for a record is one, that is, survives being written and read again, whole
// and with references.
#include <map>

#include "core/record/cbor_expander.h"
#include "core/record/cbor_segment.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/sha256.h"

namespace {

using namespace observatory;
using fuzz::json_of;
using fuzz::require;
using fuzz::StringSink;

class MapContents final : public Contents {
 public:
  void keep(const ContentHash& hash, ByteView value) override {
    require(value.size() >= kShortestContent, "what is kept is content");
    if (values_.size() < 1000) values_[hash] = std::string(as_text(value));
  }
  ByteView find(const ContentHash& hash) override {
    const auto found = values_.find(hash);
    return found == values_.end() ? ByteView() : as_bytes(found->second);
  }

 private:
  std::map<ContentHash, std::string> values_;
};

// Small enough that inputs fill them, so that the full pool is met as well.
constexpr std::size_t kPool = 2048;
std::array<std::uint8_t, kPool> pool;
std::array<std::uint8_t, kPool> pool_again;
std::array<std::uint8_t, 2 * kPool> expanded;

test::Sha256Digest digest;

void require_same_in_cbor(const Record& record) {
  StringSink cbor;
  write_cbor(record, cbor);
  Record again(pool_again);
  const ReadResult second = read_cbor(as_bytes(cbor.text), again);
  require(ok(second.status) && second.consumed == cbor.text.size(), "what is written can be read");
  require(json_of(record) == json_of(again), "a record is the same behind CBOR");
}

// As the later visits of a run: whatever the record holds, its references lead to the same.
void require_same_with_references(const Record& record) {
  static CborSegment segment(digest);
  static std::array<std::uint8_t, 16 * kPool> room;
  MapContents contents;
  if (!record.has(FieldId::kRun)) return;
  segment.begin(record.bytes(FieldId::kRun));
  for (int visit = 0; visit < 2; ++visit) {
    StringSink cbor;
    segment.write(record, cbor);
    segment.remember(record);
    const Expansion expansion = expand_cbor(as_bytes(cbor.text), contents, digest, room);
    require(ok(expansion.status) && expansion.missing == 0, "what is referred to is there");
    Record again(pool_again);
    require(ok(read_cbor(expansion.record, again).status), "an expanded record can be read");
    require(json_of(record) == json_of(again), "a record is the same behind references");
  }
}

// Takes a record from the front; the bytes that it was, 0 at the end or where nothing can be read.
std::size_t take_record(ByteView bytes, Contents& contents) {
  Record record(pool);
  const ReadResult result = read_cbor(bytes, record);
  switch (result.status) {
    case Status::kIncomplete:
    case Status::kMalformed:
      require(result.consumed == 0, "nothing is read of what cannot be");
      return 0;
    case Status::kUnsupported:
      break;
    case Status::kOk:
      require_same_in_cbor(record);
      require_same_with_references(record);
      break;
    default:
      require(false, "the reader answers as it says");
  }
  require(result.consumed > 0 && result.consumed <= bytes.size(), "a record has an end");
  if (!ok(result.status)) return result.consumed;

  const Expansion expansion = expand_cbor(bytes.first(result.consumed), contents, digest, expanded);
  if (expansion.status == Status::kOk) {
    Record whole(pool);
    if (ok(read_cbor(expansion.record, whole).status)) require_same_in_cbor(whole);
  } else {
    require(expansion.status == Status::kMalformed || expansion.status == Status::kOverflow,
            "the expander answers as it says");
  }
  return result.consumed;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  MapContents contents;
  ByteView rest(data, size);
  for (int records = 0; records < 16 && !rest.empty(); ++records) {
    const std::size_t consumed = take_record(rest, contents);
    if (consumed == 0) break;
    rest = rest.subspan(consumed);
  }
  // Bytes that nobody looked at before are no more to the expander than a record is.
  const Expansion any = expand_cbor(ByteView(data, size), contents, digest, expanded);
  require(any.record.size() <= expanded.size(), "no more is made of a record than there is room");
  return 0;
}
