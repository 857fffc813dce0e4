// SPDX-License-Identifier: MIT
#include "targets/observatory/store/record_packing.h"

#include <zstd.h>

namespace observatory::host {
namespace {

constexpr int kLevel = 3;
constexpr std::size_t kBasesInMemory = std::size_t{32} << 20;
constexpr std::size_t kKindsInMemory = 100'000;

// A record is at most 1 MiB in its log; what is larger here is no record.
constexpr std::size_t kLongest = std::size_t{4} << 20;

// Below, a record is packed well enough whatever the base is.
constexpr std::size_t kSmall = 256;

}  // namespace

struct RecordPacking::Engines {
  struct Free {
    void operator()(ZSTD_CCtx* engine) const { ZSTD_freeCCtx(engine); }
    void operator()(ZSTD_DCtx* engine) const { ZSTD_freeDCtx(engine); }
  };

  std::unique_ptr<ZSTD_CCtx, Free> compressor{ZSTD_createCCtx()};
  std::unique_ptr<ZSTD_DCtx, Free> expander{ZSTD_createDCtx()};
};

RecordPacking::RecordPacking(Database& database)
    : database_(database),
      find_base_(database, "SELECT max(id) FROM base WHERE endpoint = ? AND outcome = ?"),
      read_base_(database, "SELECT packed FROM base WHERE id = ?"),
      insert_base_(database, "INSERT INTO base (endpoint, outcome, packed) VALUES (?, ?, ?)"),
      engines_(std::make_unique<Engines>()),
      bases_(kBasesInMemory) {
  if (!engines_->compressor || !engines_->expander) database.fail("no memory left");
}

RecordPacking::~RecordPacking() = default;

RecordPacking::Packed RecordPacking::pack(const Kind& kind, ByteView cbor) {
  const std::int64_t id = base_for(kind);
  if (id == 0) return make_base(kind, cbor);
  const ByteView packed = compress(cbor, base(id), kLevel);
  if (packed.size() <= kSmall || packed.size() <= cbor.size() / 4) return {id, packed};

  // The base helps little. A new one costs what the record takes alone, and is worth it where the
  // content is another now; not where every visit brings something new, as shuffled peers lists.
  const std::size_t with_base = packed.size();
  if (with_base <= compress(cbor, {}, kLevel).size() * 2 / 3) {
    return {id, compress(cbor, base(id), kLevel)};
  }
  return make_base(kind, cbor);
}

ByteView RecordPacking::unpack(std::int64_t id, ByteView packed) {
  const std::string& dictionary = base(id);
  return packed.empty() ? as_bytes(dictionary) : expand(packed, dictionary);
}

ByteView RecordPacking::pack_alone(ByteView bytes) { return compress(bytes, {}, kLevel); }

ByteView RecordPacking::unpack_alone(ByteView packed) { return expand(packed, {}); }

std::int64_t RecordPacking::base_for(const Kind& kind) {
  const auto found = current_.find(kind);
  if (found != current_.end()) return found->second;
  if (current_.size() >= kKindsInMemory) current_.clear();
  find_base_.bind(kind.endpoint).bind(kind.outcome);
  const Row row(find_base_);
  return current_[kind] = row->number(0);
}

RecordPacking::Packed RecordPacking::make_base(const Kind& kind, ByteView cbor) {
  insert_base_.bind(kind.endpoint).bind(kind.outcome).bind(compress(cbor, {}, kLevel));
  insert_base_.run();
  const std::int64_t id = database_.last_row();
  current_[kind] = id;
  bases_.put(id, std::string(as_text(cbor)), cbor.size());
  return {id, {}};
}

const std::string& RecordPacking::base(std::int64_t id) {
  if (const std::string* const known = bases_.find(id)) return *known;
  read_base_.bind(id);
  const Row row(read_base_);
  if (!row) database_.fail("the database is damaged (a base is missing)");
  std::string content(as_text(expand(row->blob(0), {})));
  const std::size_t size = content.size();
  return bases_.put(id, std::move(content), size);
}

ByteView RecordPacking::compress(ByteView bytes, std::string_view base, int level) {
  ZSTD_CCtx* const engine = engines_->compressor.get();
  ZSTD_CCtx_reset(engine, ZSTD_reset_session_and_parameters);
  ZSTD_CCtx_setParameter(engine, ZSTD_c_compressionLevel, level);
  if (!base.empty()) ZSTD_CCtx_refPrefix(engine, base.data(), base.size());
  packed_.resize(ZSTD_compressBound(bytes.size()));
  const std::size_t size =
      ZSTD_compress2(engine, packed_.data(), packed_.size(), bytes.data(), bytes.size());
  if (ZSTD_isError(size) != 0) database_.fail(ZSTD_getErrorName(size));
  return ByteView(packed_).first(size);
}

ByteView RecordPacking::expand(ByteView packed, std::string_view base) {
  ZSTD_DCtx* const engine = engines_->expander.get();
  const unsigned long long size = ZSTD_getFrameContentSize(packed.data(), packed.size());
  if (size > kLongest) database_.fail("the database is damaged (a record's length)");
  expanded_.resize(static_cast<std::size_t>(size));
  ZSTD_DCtx_reset(engine, ZSTD_reset_session_and_parameters);
  if (!base.empty()) ZSTD_DCtx_refPrefix(engine, base.data(), base.size());
  const std::size_t got =
      ZSTD_decompressDCtx(engine, expanded_.data(), expanded_.size(), packed.data(), packed.size());
  if (ZSTD_isError(got) != 0 || got != size) {
    database_.fail("the database is damaged (a record cannot be unpacked)");
  }
  return ByteView(expanded_).first(got);
}

}  // namespace observatory::host
