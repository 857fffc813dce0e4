// SPDX-License-Identifier: MIT
// The CBOR reader on any bytes: it ends in a documented status, and what it took for a record is
// one, that is, survives being written and read again.
#include <array>
#include <string>

#include "core/record/cbor_reader.h"
#include "core/record/cbor_writer.h"
#include "core/record/json_writer.h"

namespace {

using namespace observatory;

class StringSink final : public ByteSink {
 public:
  void put(ByteView bytes) override { text += as_text(bytes); }
  using ByteSink::put;

  std::string text;
};

void require(bool truth) {
  if (!truth) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // Small enough that inputs fill it, so that the full pool is met as well.
  static std::array<std::uint8_t, 2048> pool;
  static std::array<std::uint8_t, 2048> pool_again;
  Record record(pool);
  const ReadResult result = read_cbor(ByteView(data, size), record);
  switch (result.status) {
    case Status::kIncomplete:
    case Status::kMalformed:
      require(result.consumed == 0);
      return 0;
    case Status::kUnsupported:
      require(result.consumed > 0 && result.consumed <= size);
      return 0;
    case Status::kOk:
      require(result.consumed > 0 && result.consumed <= size);
      break;
    default:
      require(false);
  }
  StringSink json;
  write_json(record, json);
  StringSink cbor;
  write_cbor(record, cbor);
  Record again(pool_again);
  const ReadResult second = read_cbor(as_bytes(cbor.text), again);
  require(second.status == Status::kOk && second.consumed == cbor.text.size());
  StringSink json_again;
  write_json(again, json_again);
  require(json.text == json_again.text);
  return 0;
}
