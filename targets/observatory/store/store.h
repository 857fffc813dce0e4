// SPDX-License-Identifier: MIT
// The database: every record of every log once, and what questions are asked of beside it.
//
// Two layers in one SQLite file. The first is the records themselves, without loss: packed against
// an earlier record of the same endpoint (record_packing.h), so that a visit in which nothing
// changed takes some tens of bytes. The second are narrow tables for questions: one row an
// observation with numbers alone, which leads to rows that stand once (endpoint, address, facts,
// certificate). What is derived (country, provider, verdicts, metrics) is never stored.
//
// A record is known by (vantage, run, seq). Adding it again changes nothing, in whatever order,
// pieces or number of processes; one with the same name and other content is kept beside the first
// and counted (Added::kConflict).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/record/record.h"
#include "targets/observatory/store/store_error.h"

namespace observatory::host {

// What became of a record that was handed in.
enum class Added : std::uint8_t {
  kNew,
  kKnown,     // the same record is there
  kConflict,  // another record of that name is there; this one is kept beside it
};

// Milliseconds since 1970-01-01 UTC, from `since` up to but without `until`.
struct Window {
  std::int64_t since = 0;
  std::int64_t until = 0;
};

// Which observations a question is asked of.
struct Selection {
  Window window;
  std::vector<std::string> vantages;  // empty: all
};

// Numbers of rows elsewhere; 0 is none.
using RowId = std::int64_t;

// The narrow row of one observation. Times are microseconds; what was not measured is absent.
struct ObservationRow {
  RowId run = 0;
  std::uint32_t seq = 0;
  std::int64_t t = 0;  // ms since 1970 UTC, as the device stamped it
  RowId vantage = 0;
  RowId endpoint = 0;
  RowId address = 0;  // that was connected to
  RowId facts = 0;    // none unless something was said
  RowId peers = 0;    // the peers list
  Outcome outcome{};
  bool proxied = false;
  bool retransmitted = false;  // its times are no samples of latency
  std::optional<std::uint32_t> connect_us;
  std::optional<std::uint32_t> tls_us;
  std::optional<std::uint32_t> version_us;
  std::optional<std::uint32_t> ping_us;     // the shortest of `us.pings`
  std::optional<std::uint32_t> min_rtt_us;  // TCP_INFO
  std::optional<std::uint32_t> tip_height;
  std::optional<std::uint32_t> visit;
  std::string changed;  // names of `changed`, joined by commas; empty also where nothing did
};

struct Endpoint {
  std::string host;
  std::uint16_t port = 0;
  Transport transport{};
};

struct Certificate {
  std::string sha256;  // lower-case hexadecimal, as all digests here
  std::string spki_sha256;
  std::string subject;
  std::string issuer;
  std::string serial;
  std::string key;
  std::string signature;
  std::vector<std::string> san;
  std::optional<std::int64_t> not_before;  // s since 1970 UTC
  std::optional<std::int64_t> not_after;
  std::optional<bool> self_signed;
};

// What an endpoint says and shows and rarely changes. Empty texts are absent.
struct Facts {
  std::string software;
  std::string protocol;
  std::string protocol_min;
  std::string protocol_max;
  std::string server_version;  // of server.features
  std::string genesis_hash;
  std::string hash_function;
  std::string donation;
  std::string banner_sha256;
  std::vector<std::pair<std::string, HostPorts>> hosts;  // of server.features
  std::string tls_version;
  std::string cipher;
  std::string ja3s;
  std::string jarm;
  std::string ticket_key;  // hexadecimal
  RowId certificate = 0;
  std::optional<bool> name_matches;
  std::optional<bool> trusted;
};

// An answer to server.peers.subscribe, as far as it was kept.
struct PeersList {
  struct Entry {
    std::string address;
    std::string host;
    std::string features;  // the words, with a space between them
  };

  std::string sha256;
  std::optional<std::uint32_t> count;  // of the whole answer
  std::vector<Entry> entries;
};

struct Run {
  std::string vantage;
  std::string name;    // hexadecimal
  std::int64_t t = 0;  // of its run record; without one, of its first observation
  std::string software;
  std::string tls_newest;
  std::string chain;
  bool knew_date = true;  // false: `clock` is unset, its times are worth nothing
  bool ended = false;     // its end record is there
  std::optional<std::uint32_t> observations;  // that the end record counts
};

// An endpoint that a list names (`import`).
struct KnownEndpoint {
  Endpoint endpoint;
  std::string list;  // the name that the list was imported under
};

// All that is in the database.
struct Totals {
  std::uint64_t vantages = 0;
  std::uint64_t runs = 0;
  std::uint64_t observations = 0;
  std::uint64_t undated = 0;    // of these
  std::uint64_t conflicts = 0;  // records that are kept beside another one of the same name
};

class Store {
 public:
  enum class Access : std::uint8_t { kRead, kWrite };

  // Opens the file; with kWrite makes it, and its folder, when it is missing, and brings an older
  // schema forward. Throws StoreError: the file is missing (kRead), a folder, no database, a
  // database of another program, of a newer version of this one, or not writable (kWrite). Every
  // function below throws it when the file cannot be read or written (full, broken, locked by
  // another process for longer than a minute).
  Store(const std::string& path, Access access);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // ---- adding; only with kWrite -----------------------------------------------------------------

  // What is missing from a record so that it has no name and cannot be added: "vantage", "run",
  // "seq"; empty when nothing is.
  static std::string_view missing_name(const Record& record);

  // A record of any type with a name. `raw` is its line or bytes where it holds fields that this
  // program does not know, which are then kept as they are; else empty. An observation that lacks
  // what every observation has (time, host, port, transport, an outcome that this program knows) is
  // kept, and is in no question. What was added is in the file for good once commit() has returned;
  // without it, it is gone.
  Added add(const Record& record, std::string_view raw);

  // An endpoint of a list; false when that list named it before.
  bool add_known(const KnownEndpoint& known);

  void commit();

  // ---- questions --------------------------------------------------------------------------------

  // The latest 24 hours that hold observations with a date that can be trusted: up to the end of
  // the hour of the last one. Absent when there are none.
  std::optional<Window> latest_day() const;

  // Hands every observation of the selection to `use`, ordered by (t, name of the run, seq). Those
  // of runs that did not know the date are left out; undated() counts them. Memory grows with the
  // observations of one millisecond alone. `use` may ask the store for rows, and may not add.
  void each_observation(const Selection& selection,
                        const std::function<void(const ObservationRow&)>& use) const;

  // Hands every observation of these endpoints in all the time to `use`, ordered and left out as
  // above. Endpoints that nobody observed have none.
  void each_observation_of(const std::vector<Endpoint>& endpoints,
                           const std::function<void(const ObservationRow&)>& use) const;

  // Observations of the vantages whose run did not know the date, or that lie before 2015 or more
  // than a day after they were taken in: in no window.
  std::uint64_t undated(const std::vector<std::string>& vantages) const;

  // Rows by their number, which came from a row of this store. Not cached.
  Endpoint endpoint(RowId id) const;
  IpAddress address(RowId id) const;
  Facts facts(RowId id) const;
  Certificate certificate(RowId id) const;
  Run run(RowId id) const;
  std::string vantage(RowId id) const;

  PeersList peers(RowId id) const;

  // All runs with observations in the selection, by vantage and time.
  std::vector<Run> runs(const Selection& selection) const;

  // Of each list the endpoints, by list, host and port.
  std::vector<KnownEndpoint> known_endpoints() const;

  // The record as it was taken in, whole, into `record`; false when there is none of that name.
  bool read(RowId run, std::uint32_t seq, Record& record) const;

  // Its line or bytes, where they were kept beside it (add()); else empty.
  std::string raw(RowId run, std::uint32_t seq) const;

  Totals totals() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace observatory::host
