// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "platform/interface/bytes.h"
#include "targets/observatory/store/recent.h"
#include "targets/observatory/store/sqlite.h"

namespace observatory::host {

// Records as CBOR (core/record/cbor_writer.h), compressed by zstd against an earlier record of the
// same kind: a base, which is kept whole in a table of its own. What repeats from visit to visit,
// which is nearly all of it, takes no room then.
//
// A kind is an endpoint and how the visit ended: the record of a refused visit has little in
// common with that of a good one, and would only drive it out.
class RecordPacking {
 public:
  struct Kind {
    std::int64_t endpoint = 0;
    std::int64_t outcome = 0;

    friend auto operator<=>(const Kind&, const Kind&) = default;
  };

  struct Packed {
    std::int64_t base = 0;
    ByteView bytes;  // empty: the base is the record itself. Valid until the next call.
  };

  explicit RecordPacking(Database& database);
  ~RecordPacking();
  RecordPacking(const RecordPacking&) = delete;
  RecordPacking& operator=(const RecordPacking&) = delete;

  // Makes a base where there is none that helps; only inside a transaction.
  Packed pack(const Kind& kind, ByteView cbor);

  // What pack() was given. Valid until the next call. Throws StoreError where it is damaged.
  ByteView unpack(std::int64_t base, ByteView packed);

  // The same without a base.
  ByteView pack_alone(ByteView bytes);
  ByteView unpack_alone(ByteView packed);

 private:
  struct Engines;

  std::int64_t base_for(const Kind& kind);
  Packed make_base(const Kind& kind, ByteView cbor);
  const std::string& base(std::int64_t id);
  ByteView compress(ByteView bytes, std::string_view base, int level);
  ByteView expand(ByteView packed, std::string_view base);

  Database& database_;
  Statement find_base_;
  Statement read_base_;
  Statement insert_base_;
  std::unique_ptr<Engines> engines_;
  std::vector<std::uint8_t> packed_;
  std::vector<std::uint8_t> expanded_;
  std::map<Kind, std::int64_t> current_;  // the base that is used for new records
  Recent<std::int64_t, std::string> bases_;
};

}  // namespace observatory::host
