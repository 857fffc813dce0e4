// SPDX-License-Identifier: MIT
#include "targets/observatory/store/adder.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <thread>

#include "core/base/hash.h"
#include "core/record/cbor_writer.h"
#include "targets/observatory/store/record_facts.h"
#include "targets/observatory/store/record_id.h"

namespace observatory::host {
namespace {

// Kinds of records for the packing that are no observations.
constexpr std::int64_t kOtherRecord = 1000;

constexpr std::int64_t kMsPerDay = 86'400'000;
constexpr std::int64_t kFirstPossible = 1'420'070'400'000;  // 2015-01-01; probes are younger
constexpr std::size_t kHashBytes = 16;

std::int64_t now() {
  using std::chrono::system_clock;
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             system_clock::now().time_since_epoch())
      .count();
}

std::int64_t time_of(const Record& record) {
  constexpr std::uint64_t kLargest = std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(std::min(record.number(FieldId::kTime), kLargest));
}

std::optional<std::uint32_t> number_of(const Record& record, FieldId field) {
  if (!record.has(field)) return std::nullopt;
  return static_cast<std::uint32_t>(record.number(field));
}

bool is_above_zero(const Record& record, FieldId field) {
  return record.has(field) && record.number(field) > 0;
}

std::optional<std::uint32_t> shortest_ping(const Record& record) {
  std::optional<std::uint32_t> shortest;
  if (!record.has(FieldId::kUsPings)) return shortest;
  Items items = record.items(FieldId::kUsPings);
  std::uint64_t ping = 0;
  while (items.next(ping)) {
    const auto us = static_cast<std::uint32_t>(ping);
    shortest = std::min(shortest.value_or(us), us);
  }
  return shortest;
}

std::string_view text_of(const Record& record, FieldId field) {
  return record.has(field) ? record.text(field) : std::string_view();
}

bool outcome_is_known(const Record& record) {
  return record.has(FieldId::kOutcome) &&
         !enum_name(field_of(FieldId::kOutcome), record.number(FieldId::kOutcome)).empty();
}

}  // namespace

Adder::Adder(Database& database, RecordPacking& packing)
    : database_(database),
      packing_(packing),
      vantages_(database, "SELECT id FROM vantage WHERE name = ?",
                "INSERT INTO vantage (name) VALUES (?)"),
      runs_(database, "SELECT id FROM run WHERE vantage = ? AND name = ?",
            "INSERT INTO run (vantage, name) VALUES (?, ?)"),
      endpoints_(database, "SELECT id FROM endpoint WHERE host = ? AND port = ? AND transport = ?",
                 "INSERT INTO endpoint (host, port, transport) VALUES (?, ?, ?)"),
      addresses_(database, "SELECT id FROM address WHERE bytes = ?",
                 "INSERT INTO address (bytes) VALUES (?)"),
      certificates_(database, "SELECT id FROM certificate WHERE hash = ?",
                    "INSERT INTO certificate (hash, sha256, spki_sha256, subject, issuer, serial, "
                    "key, signature, san, not_before, not_after, self_signed) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
      facts_(database, "SELECT id FROM facts WHERE hash = ?",
             "INSERT INTO facts (hash, software, protocol, protocol_min, protocol_max, "
             "server_version, genesis_hash, hash_function, donation, banner_sha256, hosts, "
             "tls_version, cipher, ja3s, jarm, ticket_key, certificate, name_matches, trusted) "
             "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
      peers_(database, "SELECT id FROM peers WHERE hash = ?",
             "INSERT INTO peers (hash, record) VALUES (?, ?)"),
      changed_(database, "SELECT id FROM changed WHERE names = ?",
               "INSERT INTO changed (names) VALUES (?)"),
      find_record_(database, "SELECT base, packed FROM record WHERE id = ?"),
      insert_record_(database, "INSERT INTO record (id, base, packed) VALUES (?, ?, ?)"),
      insert_raw_(database, "INSERT INTO raw (id, packed) VALUES (?, ?)"),
      insert_conflict_(database,
                       "INSERT OR IGNORE INTO conflict (id, hash, packed) VALUES (?, ?, ?)"),
      insert_observation_(
          database,
          "INSERT INTO observation (t, run, seq, flags, outcome, endpoint, address, facts, peers, "
          "connect_us, tls_us, version_us, ping_us, min_rtt_us, tip_height, visit, changed) "
          "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
      insert_known_(database, "INSERT OR IGNORE INTO known (list, endpoint) VALUES (?, ?)"),
      describe_run_(database,
                    "UPDATE run SET t = ?, software = ?, tls_newest = ?, chain = ?, knew_date = ? "
                    "WHERE id = ?"),
      end_run_(database, "UPDATE run SET ended = 1, observations = ? WHERE id = ?"),
      count_run_(database,
                 "UPDATE run SET held = held + ?1, misdated = misdated + ?2, "
                 "first_t = min(ifnull(first_t, ?3), ifnull(?3, first_t)), "
                 "last_t = max(ifnull(last_t, ?4), ifnull(?4, last_t)) WHERE id = ?5") {}

Added Adder::add(const Record& record, std::string_view raw) {
  begin();
  const std::uint64_t type = record.number(FieldId::kType);
  const bool is_run = type == static_cast<std::uint64_t>(RecordType::kRun);
  const bool is_end = type == static_cast<std::uint64_t>(RecordType::kEnd);
  const RowId run = run_of(record);
  const auto seq = is_run ? 0 : static_cast<std::uint32_t>(record.number(FieldId::kSeq));
  const std::int64_t id = record_id(run, seq);

  cbor_.clear();
  write_cbor(record, cbor_);
  if (const std::optional<Added> met = compare(id, cbor_.bytes())) return *met;

  const std::optional<Endpoint> endpoint = endpoint_of(record);
  const bool complete =
      !is_run && !is_end && endpoint && outcome_is_known(record) && record.has(FieldId::kTime);
  const RowId endpoint_id = complete ? endpoint_row(*endpoint) : 0;
  const std::int64_t outcome = complete
                                   ? static_cast<std::int64_t>(record.number(FieldId::kOutcome))
                                   : kOtherRecord + static_cast<std::int64_t>(type % kOtherRecord);

  const RecordPacking::Packed packed = packing_.pack({endpoint_id, outcome}, cbor_.bytes());
  insert_record_.bind(id).bind(packed.base);
  packed.bytes.empty() ? insert_record_.bind_none() : insert_record_.bind(packed.bytes);
  insert_record_.run();
  if (!raw.empty()) {
    insert_raw_.bind(id).bind(packing_.pack_alone(as_bytes(raw)));
    insert_raw_.run();
  }

  if (is_run) describe_run(run, record);
  if (is_end) end_run(run, record);
  if (complete) add_observation(run, seq, endpoint_id, id, record);
  return Added::kNew;
}

bool Adder::add_known(const KnownEndpoint& known) {
  begin();
  insert_known_.bind(std::string_view(known.list)).bind(endpoint_row(known.endpoint));
  insert_known_.run();
  return database_.changes() > 0;
}

void Adder::commit() {
  if (!transaction_) return;
  for (const auto& [run, change] : run_changes_) {
    count_run_.bind(std::int64_t{change.held}).bind(std::int64_t{change.misdated});
    count_run_.bind(change.first_t).bind(change.last_t).bind(run);
    count_run_.run();
  }
  run_changes_.clear();
  transaction_->commit();
  transaction_.reset();
  // Others look each millisecond whether it is their turn (sqlite.cpp).
  std::this_thread::sleep_for(std::chrono::milliseconds(2));
}

// As late as can be: while a file is read nobody has to wait.
void Adder::begin() {
  if (transaction_) return;
  transaction_.emplace(database_);
  latest_possible_ = now() + kMsPerDay;
}

RowId Adder::run_of(const Record& record) {
  const std::string vantage(record.text(FieldId::kVantage));
  const RowId vantage_id = vantages_.row_of(
      vantage, [&](Statement& statement) { statement.bind(std::string_view(vantage)); });
  const ByteView name = record.bytes(FieldId::kRun);
  const std::string key = std::to_string(vantage_id) + " " + std::string(as_text(name));
  return runs_.row_of(key, [&](Statement& statement) { statement.bind(vantage_id).bind(name); });
}

// Absent: there is no record of that name yet.
std::optional<Added> Adder::compare(std::int64_t id, ByteView cbor) {
  find_record_.bind(id);
  const Row row(find_record_);
  if (!row) return std::nullopt;
  const ByteView there = packing_.unpack(row->number(0), row->blob(1));
  if (std::equal(there.begin(), there.end(), cbor.begin(), cbor.end())) return Added::kKnown;
  insert_conflict_.bind(id).bind(hash_of(as_text(cbor))).bind(packing_.pack_alone(cbor));
  insert_conflict_.run();
  return Added::kConflict;
}

void Adder::describe_run(RowId run, const Record& record) {
  const bool knew_date = !record.has(FieldId::kClock) || record.number(FieldId::kClock) != 0;
  if (record.has(FieldId::kTime)) {
    describe_run_.bind(time_of(record));
  } else {
    describe_run_.bind_none();
  }
  describe_run_.bind_text_or_none(text_of(record, FieldId::kSoftware))
      .bind_text_or_none(text_of(record, FieldId::kTlsNewest))
      .bind_text_or_none(text_of(record, FieldId::kChain))
      .bind(std::int64_t{knew_date})
      .bind(run);
  describe_run_.run();
}

void Adder::end_run(RowId run, const Record& record) {
  end_run_.bind(number_of(record, FieldId::kObservations)).bind(run);
  end_run_.run();
}

RowId Adder::endpoint_row(const Endpoint& endpoint) {
  return endpoints_.row_of(key_of(endpoint), [&](Statement& statement) {
    statement.bind(std::string_view(endpoint.host))
        .bind(std::int64_t{endpoint.port})
        .bind(static_cast<std::int64_t>(endpoint.transport));
  });
}

RowId Adder::address_row(const Record& record) {
  if (!record.has(FieldId::kIp)) return 0;
  const IpAddress ip = record.ip(FieldId::kIp);
  const ByteView bytes = ByteView(ip.bytes).first(ip.family == IpAddress::Family::kV4 ? 4 : 16);
  return addresses_.row_of(std::string(as_text(bytes)),
                           [&](Statement& statement) { statement.bind(bytes); });
}

RowId Adder::certificate_row(const Record& record) {
  const std::optional<Certificate> certificate = certificate_of(record);
  if (!certificate) return 0;
  const std::string key = key_of(*certificate);
  std::string san;
  return certificates_.row_of(
      key, [&](Statement& find) { find.bind(hash_of(key)); },
      [&](Statement& insert) {
        san = names_as_json(certificate->san);
        insert.bind(hash_of(key))
            .bind_text_or_none(certificate->sha256)
            .bind_text_or_none(certificate->spki_sha256)
            .bind_text_or_none(certificate->subject)
            .bind_text_or_none(certificate->issuer)
            .bind_text_or_none(certificate->serial)
            .bind_text_or_none(certificate->key)
            .bind_text_or_none(certificate->signature)
            .bind_text_or_none(san)
            .bind(certificate->not_before)
            .bind(certificate->not_after)
            .bind(certificate->self_signed);
      });
}

RowId Adder::facts_row(const Record& record) {
  static const std::string kNothing = key_of(Facts{});
  Facts facts = facts_of(record);
  facts.certificate = certificate_row(record);
  const std::string key = key_of(facts);
  if (key == kNothing) return 0;
  std::string hosts;
  return facts_.row_of(
      key, [&](Statement& find) { find.bind(hash_of(key)); },
      [&](Statement& insert) {
        hosts = hosts_as_json(facts.hosts);
        insert.bind(hash_of(key))
            .bind_text_or_none(facts.software)
            .bind_text_or_none(facts.protocol)
            .bind_text_or_none(facts.protocol_min)
            .bind_text_or_none(facts.protocol_max)
            .bind_text_or_none(facts.server_version)
            .bind_text_or_none(facts.genesis_hash)
            .bind_text_or_none(facts.hash_function)
            .bind_text_or_none(facts.donation)
            .bind_text_or_none(facts.banner_sha256)
            .bind_text_or_none(hosts)
            .bind_text_or_none(facts.tls_version)
            .bind_text_or_none(facts.cipher)
            .bind_text_or_none(facts.ja3s)
            .bind_text_or_none(facts.jarm)
            .bind_text_or_none(facts.ticket_key)
            .bind_row(facts.certificate)
            .bind(facts.name_matches)
            .bind(facts.trusted);
      });
}

RowId Adder::peers_row(const Record& record, std::int64_t id) {
  if (!has_peers(record)) return 0;
  const std::string key = key_of_peers(record);
  return peers_.row_of(
      key, [&](Statement& find) { find.bind(hash_of(key)); },
      [&](Statement& insert) { insert.bind(hash_of(key)).bind(id); });
}

RowId Adder::changed_row(const Record& record) {
  const std::string names = changed_of(record);
  if (names.empty()) return 0;
  return changed_.row_of(names,
                         [&](Statement& statement) { statement.bind(std::string_view(names)); });
}

void Adder::add_observation(RowId run, std::uint32_t seq, RowId endpoint, std::int64_t id,
                            const Record& record) {
  const std::int64_t t = time_of(record);
  const bool misdated = t < kFirstPossible || t > latest_possible_;
  const bool proxied = is_above_zero(record, FieldId::kProxied);
  const bool retransmitted = is_above_zero(record, FieldId::kTcpRetransmits) ||
                             is_above_zero(record, FieldId::kTcpConnectRetransmits);
  insert_observation_.bind(t)
      .bind(run)
      .bind(std::int64_t{seq})
      .bind(std::int64_t{(misdated ? kMisdated : 0) | (proxied ? kProxied : 0) |
                         (retransmitted ? kRetransmitted : 0)})
      .bind(static_cast<std::int64_t>(record.number(FieldId::kOutcome)))
      .bind(endpoint)
      .bind_row(address_row(record))
      .bind_row(facts_row(record))
      .bind_row(peers_row(record, id))
      .bind(number_of(record, FieldId::kUsConnect))
      .bind(number_of(record, FieldId::kUsTls))
      .bind(number_of(record, FieldId::kUsVersion))
      .bind(shortest_ping(record))
      .bind(number_of(record, FieldId::kTcpMinRtt))
      .bind(number_of(record, FieldId::kTipHeight))
      .bind(number_of(record, FieldId::kVisit))
      .bind_row(changed_row(record));
  insert_observation_.run();

  RunChange& change = run_changes_[run];
  ++change.held;
  if (misdated) {
    ++change.misdated;
    return;
  }
  change.first_t = std::min(change.first_t.value_or(t), t);
  change.last_t = std::max(change.last_t.value_or(t), t);
}

// Until it is called again.
ByteView Adder::hash_of(std::string_view content) {
  hash_ = sha256_of(as_bytes(content), digest_);
  return ByteView(hash_).first(kHashBytes);
}

}  // namespace observatory::host
