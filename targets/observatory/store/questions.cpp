// SPDX-License-Identifier: MIT
#include "targets/observatory/store/questions.h"

#include <algorithm>
#include <set>
#include <utility>

#include "core/record/cbor_reader.h"
#include "targets/observatory/store/record_facts.h"
#include "targets/observatory/store/record_id.h"

namespace observatory::host {
namespace {

constexpr std::int64_t kMsPerHour = 3'600'000;

constexpr std::size_t kRecordPool = std::size_t{4} << 20;

std::string hex_of(ByteView bytes) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string digits;
  for (const std::uint8_t byte : bytes) {
    digits += kDigits[byte >> 4];
    digits += kDigits[byte & 15];
  }
  return digits;
}

std::string text(const Statement& row, int column) { return std::string(row.text(column)); }

std::optional<std::int64_t> maybe_signed(const Statement& row, int column) {
  if (row.is_none(column)) return std::nullopt;
  return row.number(column);
}

std::optional<bool> maybe_truth(const Statement& row, int column) {
  if (row.is_none(column)) return std::nullopt;
  return row.number(column) != 0;
}

constexpr std::string_view kObservationColumns =
    "SELECT t, run, seq, flags, outcome, endpoint, address, facts, peers, connect_us, tls_us, "
    "version_us, ping_us, min_rtt_us, tip_height, visit, changed FROM observation ";

constexpr std::string_view kRunColumns =
    "SELECT vantage.name, run.name, ifnull(run.t, ifnull(run.first_t, 0)), run.software, "
    "run.tls_newest, run.chain, run.knew_date, run.ended, run.observations, run.id, run.first_t, "
    "run.last_t FROM run JOIN vantage ON vantage.id = run.vantage ";

Run run_in(const Statement& row) {
  Run run;
  run.vantage = text(row, 0);
  run.name = hex_of(row.blob(1));
  run.t = row.number(2);
  run.software = text(row, 3);
  run.tls_newest = text(row, 4);
  run.chain = text(row, 5);
  run.knew_date = row.number(6) != 0;
  run.ended = row.number(7) != 0;
  run.observations = row.maybe(8);
  return run;
}

bool is_chosen(const std::vector<std::string>& vantages, std::string_view name) {
  return vantages.empty() || std::find(vantages.begin(), vantages.end(), name) != vantages.end();
}

// Ends the scan also where `use` throws.
class Scan {
 public:
  explicit Scan(Statement& statement) : statement_(statement) {}
  ~Scan() { statement_.reset(); }
  Scan(const Scan&) = delete;
  Scan& operator=(const Scan&) = delete;

 private:
  Statement& statement_;
};

}  // namespace

Questions::Questions(Database& database, RecordPacking& packing)
    : database_(database),
      packing_(packing),
      endpoint_(database, "SELECT host, port, transport FROM endpoint WHERE id = ?"),
      address_(database, "SELECT bytes FROM address WHERE id = ?"),
      facts_(database,
             "SELECT software, protocol, protocol_min, protocol_max, server_version, genesis_hash, "
             "hash_function, donation, banner_sha256, hosts, tls_version, cipher, ja3s, jarm, "
             "ticket_key, certificate, name_matches, trusted FROM facts WHERE id = ?"),
      certificate_(database,
                   "SELECT sha256, spki_sha256, subject, issuer, serial, key, signature, san, "
                   "not_before, not_after, self_signed FROM certificate WHERE id = ?"),
      run_(database, std::string(kRunColumns) + "WHERE run.id = ?"),
      vantage_(database, "SELECT name FROM vantage WHERE id = ?"),
      peers_(database, "SELECT record FROM peers WHERE id = ?"),
      record_(database, "SELECT base, packed FROM record WHERE id = ?"),
      raw_(database, "SELECT packed FROM raw WHERE id = ?") {}

std::optional<Window> Questions::latest_day() {
  const std::optional<std::int64_t> last =
      database_.number("SELECT max(last_t) FROM run WHERE knew_date = 1");
  if (!last) return std::nullopt;
  const std::int64_t until = (*last / kMsPerHour + 1) * kMsPerHour;
  return Window{until - 24 * kMsPerHour, until};
}

Questions::ChosenRuns Questions::chosen_runs(const std::vector<std::string>& vantages) {
  Statement find(database_,
                 "SELECT run.id, run.vantage, vantage.name FROM run "
                 "JOIN vantage ON vantage.id = run.vantage WHERE run.knew_date = 1 "
                 "ORDER BY run.name, vantage.name");
  ChosenRuns chosen;
  while (find.step()) {
    const std::size_t place = chosen.size();
    if (is_chosen(vantages, find.text(2))) chosen[find.number(0)] = {find.number(1), place};
  }
  return chosen;
}

void Questions::each_observation(const Selection& selection,
                                 const std::function<void(const ObservationRow&)>& use) {
  Statement scan(database_,
                 std::string(kObservationColumns) + "WHERE t >= ? AND t < ? ORDER BY t, run, seq");
  scan.bind(selection.window.since).bind(selection.window.until);
  hand_out(scan, selection.vantages, use);
}

void Questions::each_observation_of(const std::vector<Endpoint>& endpoints,
                                    const std::function<void(const ObservationRow&)>& use) {
  Statement find(database_,
                 "SELECT id FROM endpoint WHERE host = ? AND port = ? AND transport = ?");
  std::string ids;
  for (const Endpoint& endpoint : endpoints) {
    find.bind(endpoint.host).bind(std::int64_t{endpoint.port});
    find.bind(static_cast<std::int64_t>(endpoint.transport));
    while (find.step()) ids += (ids.empty() ? "[" : ",") + std::to_string(find.number(0));
  }
  if (ids.empty()) return;
  ids += "]";
  // Reads the whole table, which takes less than an index of it would on every ingest.
  Statement scan(database_, std::string(kObservationColumns) +
                                "WHERE endpoint IN (SELECT value FROM json_each(?)) "
                                "ORDER BY t, run, seq");
  scan.bind(ids);
  hand_out(scan, {}, use);
}

void Questions::hand_out(Statement& scan, const std::vector<std::string>& vantages,
                         const std::function<void(const ObservationRow&)>& use) {
  const Scan end(scan);
  // The first step fixes what the scan sees; the runs that are read behind it are all there.
  bool more = scan.step();
  const ChosenRuns runs = chosen_runs(vantages);
  std::unordered_map<RowId, std::string> changed;
  if (more) {
    Statement names(database_, "SELECT id, names FROM changed");
    while (names.step()) changed[names.number(0)] = text(names, 1);
  }
  // The numbers of runs tell in which order their logs were taken in, which must change no answer:
  // what has the same time waits until all of it is there.
  std::vector<ObservationRow> together;
  const auto hand_over = [&] {
    std::sort(together.begin(), together.end(),
              [&](const ObservationRow& one, const ObservationRow& other) {
                return std::pair(runs.at(one.run).place, one.seq) <
                       std::pair(runs.at(other.run).place, other.seq);
              });
    for (const ObservationRow& one : together) use(one);
    together.clear();
  };
  ObservationRow row;
  for (; more; more = scan.step()) {
    const std::int64_t flags = scan.number(3);
    if ((flags & kMisdated) != 0) continue;
    row.run = scan.number(1);
    const auto run = runs.find(row.run);
    if (run == runs.end()) continue;
    row.t = scan.number(0);
    row.vantage = run->second.vantage;
    row.seq = static_cast<std::uint32_t>(scan.number(2));
    row.proxied = (flags & kProxied) != 0;
    row.retransmitted = (flags & kRetransmitted) != 0;
    row.outcome = static_cast<Outcome>(scan.number(4));
    row.endpoint = scan.number(5);
    row.address = scan.number(6);
    row.facts = scan.number(7);
    row.peers = scan.number(8);
    row.connect_us = scan.maybe(9);
    row.tls_us = scan.maybe(10);
    row.version_us = scan.maybe(11);
    row.ping_us = scan.maybe(12);
    row.min_rtt_us = scan.maybe(13);
    row.tip_height = scan.maybe(14);
    row.visit = scan.maybe(15);
    const std::int64_t changes = scan.number(16);
    if (changes != 0) {
      row.changed = changed[changes];
    } else {
      row.changed.clear();
    }
    if (!together.empty() && together.front().t != row.t) hand_over();
    together.push_back(row);
  }
  hand_over();
}

std::uint64_t Questions::undated(const std::vector<std::string>& vantages) {
  Statement find(database_,
                 "SELECT vantage.name, sum(iif(run.knew_date, run.misdated, run.held)) FROM run "
                 "JOIN vantage ON vantage.id = run.vantage GROUP BY vantage.id");
  std::uint64_t count = 0;
  while (find.step()) {
    if (is_chosen(vantages, find.text(0))) count += static_cast<std::uint64_t>(find.number(1));
  }
  return count;
}

void Questions::step_to(Statement& find, RowId id, const char* of_what) {
  find.bind(id);
  if (!find.step()) {
    database_.fail("the database is damaged (no " + std::string(of_what) + " " +
                   std::to_string(id) + ")");
  }
}

Endpoint Questions::endpoint(RowId id) {
  const Scan end(endpoint_);
  step_to(endpoint_, id, "endpoint");
  return {text(endpoint_, 0), static_cast<std::uint16_t>(endpoint_.number(1)),
          static_cast<Transport>(endpoint_.number(2))};
}

IpAddress Questions::address(RowId id) {
  const Scan end(address_);
  step_to(address_, id, "address");
  const ByteView bytes = address_.blob(0);
  IpAddress address;
  address.family = bytes.size() == 4 ? IpAddress::Family::kV4 : IpAddress::Family::kV6;
  std::copy_n(bytes.begin(), std::min(bytes.size(), address.bytes.size()), address.bytes.begin());
  return address;
}

Facts Questions::facts(RowId id) {
  const Scan end(facts_);
  step_to(facts_, id, "facts");
  Facts facts;
  facts.software = text(facts_, 0);
  facts.protocol = text(facts_, 1);
  facts.protocol_min = text(facts_, 2);
  facts.protocol_max = text(facts_, 3);
  facts.server_version = text(facts_, 4);
  facts.genesis_hash = text(facts_, 5);
  facts.hash_function = text(facts_, 6);
  facts.donation = text(facts_, 7);
  facts.banner_sha256 = text(facts_, 8);
  facts.hosts = hosts_from_json(facts_.text(9));
  facts.tls_version = text(facts_, 10);
  facts.cipher = text(facts_, 11);
  facts.ja3s = text(facts_, 12);
  facts.jarm = text(facts_, 13);
  facts.ticket_key = text(facts_, 14);
  facts.certificate = facts_.number(15);
  facts.name_matches = maybe_truth(facts_, 16);
  facts.trusted = maybe_truth(facts_, 17);
  return facts;
}

Certificate Questions::certificate(RowId id) {
  const Scan end(certificate_);
  step_to(certificate_, id, "certificate");
  Certificate certificate;
  certificate.sha256 = text(certificate_, 0);
  certificate.spki_sha256 = text(certificate_, 1);
  certificate.subject = text(certificate_, 2);
  certificate.issuer = text(certificate_, 3);
  certificate.serial = text(certificate_, 4);
  certificate.key = text(certificate_, 5);
  certificate.signature = text(certificate_, 6);
  certificate.san = names_from_json(certificate_.text(7));
  certificate.not_before = maybe_signed(certificate_, 8);
  certificate.not_after = maybe_signed(certificate_, 9);
  certificate.self_signed = maybe_truth(certificate_, 10);
  return certificate;
}

Run Questions::run(RowId id) {
  const Scan end(run_);
  step_to(run_, id, "run");
  return run_in(run_);
}

std::string Questions::vantage(RowId id) {
  const Scan end(vantage_);
  step_to(vantage_, id, "vantage");
  return text(vantage_, 0);
}

PeersList Questions::peers(RowId id) {
  const Scan end(peers_);
  step_to(peers_, id, "peers list");
  const std::int64_t record_id = peers_.number(0);
  std::vector<std::uint8_t> pool(kRecordPool);
  Record record(pool);
  if (!read(run_of_record(record_id), seq_of_record(record_id), record)) {
    database_.fail("the database is damaged (no record " + std::to_string(record_id) + ")");
  }
  return peers_of(record);
}

std::vector<Run> Questions::runs(const Selection& selection) {
  const Window& window = selection.window;
  Statement find(database_, std::string(kRunColumns) +
                                "WHERE run.knew_date = 1 AND run.first_t < ? AND run.last_t >= ? "
                                "ORDER BY vantage.name, 3, run.name");
  find.bind(window.until).bind(window.since);
  const auto lies_inside = [&](std::int64_t t) { return t >= window.since && t < window.until; };
  std::vector<std::pair<RowId, Run>> found;
  std::set<RowId> unsure;  // they began before the window and ended after it
  while (find.step()) {
    if (!is_chosen(selection.vantages, find.text(0))) continue;
    found.emplace_back(find.number(9), run_in(find));
    if (!lies_inside(find.number(10)) && !lies_inside(find.number(11))) {
      unsure.insert(find.number(9));
    }
  }
  if (!unsure.empty()) {
    Statement seen(database_, "SELECT run, flags FROM observation WHERE t >= ? AND t < ?");
    seen.bind(window.since).bind(window.until);
    const Scan end(seen);
    while (!unsure.empty() && seen.step()) {
      if ((seen.number(1) & kMisdated) == 0) unsure.erase(seen.number(0));
    }
  }
  std::vector<Run> runs;
  for (auto& [id, run] : found) {
    if (unsure.count(id) == 0) runs.push_back(std::move(run));
  }
  return runs;
}

std::vector<KnownEndpoint> Questions::known_endpoints() {
  Statement find(
      database_,
      "SELECT host, port, transport, list FROM known "
      "JOIN endpoint ON endpoint.id = known.endpoint ORDER BY list, host, port, transport");
  std::vector<KnownEndpoint> known;
  while (find.step()) {
    known.push_back({{text(find, 0), static_cast<std::uint16_t>(find.number(1)),
                      static_cast<Transport>(find.number(2))},
                     text(find, 3)});
  }
  return known;
}

bool Questions::read(RowId run, std::uint32_t seq, Record& record) {
  const Scan end(record_);
  record_.bind(record_id(run, seq));
  if (!record_.step()) return false;
  const ByteView cbor = packing_.unpack(record_.number(0), record_.blob(1));
  if (!ok(read_cbor(cbor, record).status)) {
    database_.fail("the database is damaged (a record cannot be read)");
  }
  return true;
}

std::string Questions::raw(RowId run, std::uint32_t seq) {
  const Scan end(raw_);
  raw_.bind(record_id(run, seq));
  if (!raw_.step()) return {};
  return std::string(as_text(packing_.unpack_alone(raw_.blob(0))));
}

Totals Questions::totals() {
  const auto count = [this](const char* sql) {
    return static_cast<std::uint64_t>(database_.number(sql).value_or(0));
  };
  Totals totals;
  totals.vantages = count("SELECT count(*) FROM vantage");
  totals.runs = count("SELECT count(*) FROM run");
  totals.observations = count("SELECT sum(held) FROM run");
  totals.undated = undated({});
  totals.conflicts = count("SELECT count(*) FROM conflict");
  return totals;
}

}  // namespace observatory::host
