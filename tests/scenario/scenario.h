// SPDX-License-Identifier: MIT
// What every scenario stands on: a simulated world, a list of endpoints, some slots, and an
// output that keeps what is written. The device's own core runs between them, whole.
//
//   Scenario scenario;
//   scenario.world.listen("192.0.2.1"_ip, 50001).on_line(electrumx());
//   scenario.visit("192.0.2.1:50001:t");
//   scenario.run();
//   CHECK(scenario.only().outcome() == "ok");
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/run/scheduler.h"
#include "platform/socks5/socks5_network.h"
#include "tests/scenario/pretending_digest.h"
#include "tests/sim/faulty_network.h"
#include "tests/sim/scripted_server.h"
#include "tests/sim/sim_tls.h"
#include "tests/sim/sim_world.h"
#include "tests/sim/socks_proxy.h"

namespace observatory::scenario {

using namespace sim::literals;

// Round trips of a visit by TCP to a server that answers everything and pads nothing: connecting,
// two writes, five pings.
inline constexpr Micros kTcpTrips = 1 + 2 + 5;

// --- Servers.

// How an Electrum server answers, line by line: a LineHandler. What is not changed is a whole and
// healthy answer to each of the eight requests.
class ElectrumServer {
 public:
  // How lines are written: with `result` or `error` (JSON text) and the id as it came.
  using Envelope = std::string (*)(std::string_view id, std::string_view member,
                                   std::string_view value);

  ElectrumServer(Envelope envelope, std::string_view software);

  // The answer to a method: its result, its error, or the whole line (with its terminator), as
  // JSON text; never an answer; an answer that takes so long.
  ElectrumServer& result(std::string_view method, std::string_view json);
  ElectrumServer& error(std::string_view method, std::string_view json);
  ElectrumServer& line(std::string_view method, std::string_view text);
  ElectrumServer& silent(std::string_view method);
  ElectrumServer& takes(std::string_view method, Micros length);
  // Nothing but server.version is answered.
  ElectrumServer& only_version();
  // A list of versions is answered with an error; the string form as usual.
  ElectrumServer& refuses_lists();
  // Ends the stream after the answer to that method, or in its place if it is silent on it.
  ElectrumServer& hangs_up_on(std::string_view method);

  void operator()(sim::Connection& client, std::string_view line) const;

 private:
  struct Answer {
    std::string member;  // "result", "error", or empty for a whole line
    std::string value;
    bool silent = false;
    bool hang_up = false;
    Micros takes = 0;
  };

  Envelope envelope_;
  std::map<std::string, Answer, std::less<>> answers_;
  bool refuses_lists_ = false;
};

ElectrumServer electrumx();
ElectrumServer fulcrum();
ElectrumServer electrs();

// A TLS server around an Electrum server.
sim::SimTlsServer tls_server(const sim::LineHandler& inside);

// --- What a run is made of.

// Endpoints in the order in which they were added.
class List final : public EndpointSource {
 public:
  // As on the command line: "example.org:50002:s". Throws std::invalid_argument. As though from a
  // DNS seed, if one is named; its name outlives the list.
  void add(std::string_view argument, std::string_view seed = {});
  // Endpoints made when they are asked for, `count` of them, behind those that were added.
  void generate(std::size_t count, std::function<Endpoint(std::size_t)> make);
  // So often, kNotYet comes instead of what is at this place.
  void pause(std::size_t times);
  void bad_lines(std::uint64_t count) { bad_lines_ = count; }

  Next next(Endpoint& endpoint) override;
  std::uint64_t bad_lines() const override { return bad_lines_; }
  std::uint8_t seed() const override { return seed_.empty() ? 0 : 1; }
  void name_seed(std::uint8_t, FixedString<limits::kHost>& into) const override {
    static_cast<void>(into.assign(seed_));
  }

 private:
  struct Item {
    Endpoint endpoint;
    std::string_view seed;
    std::size_t pauses = 0;
    bool is_endpoint = false;
  };

  std::deque<Item> items_;
  std::size_t count_ = 0;
  std::size_t made_ = 0;
  std::string_view seed_;
  std::function<Endpoint(std::size_t)> make_;
  std::uint64_t bad_lines_ = 0;
};

// One record as it was written, kept.
class Kept {
 public:
  Kept(const Record& record, Instant written_at);
  Kept(const Kept&) = delete;
  Kept& operator=(const Kept&) = delete;

  const Record& record() const { return record_; }
  const std::string& json() const { return json_; }
  Instant written_at() const { return written_at_; }

  RecordType type() const { return static_cast<RecordType>(record_.number(FieldId::kType)); }
  // The rest REQUIRES an observation.
  std::string outcome() const;  // its name
  std::string host() const { return std::string(record_.text(FieldId::kHost)); }
  std::string endpoint() const;  // "host:port:t"
  // A number, or nothing where the field is absent.
  std::optional<Micros> number(FieldId field) const;
  std::string text(FieldId field) const;  // empty where absent
  // The phases of the session that `us` has: "connect,tls".
  std::string phases() const;
  // The JSON without what no two runs share: the run's name, seq and t.
  std::string facts() const;

 private:
  std::string json_;
  std::vector<std::uint8_t> pool_;
  Record record_;
  Instant written_at_;
};

// Keeps every record, as JSON and as a record that went through CBOR.
class Output final : public RunOutput {
 public:
  explicit Output(sim::SimWorld& world) : world_(world) {}

  // The nth record (from 1) is refused.
  void refuse(std::size_t nth) { refused_ = nth; }
  // Called with each endpoint whose visit begins.
  void on_visit(std::function<void(const Endpoint&)> action) { on_visit_ = std::move(action); }
  // Keeps the JSON text alone; records() stays empty.
  void text_only() { text_only_ = true; }

  const std::deque<Kept>& records() const { return records_; }
  const std::string& text() const { return text_; }  // JSON Lines
  std::size_t visits() const { return visits_; }
  std::size_t writes() const { return writes_; }

  void visiting(const Endpoint& endpoint) override;
  Status write(const Record& record) override;

 private:
  sim::SimWorld& world_;
  std::deque<Kept> records_;
  std::string text_;
  std::size_t visits_ = 0;
  std::size_t writes_ = 0;
  std::size_t refused_ = 0;
  bool text_only_ = false;
  std::function<void(const Endpoint&)> on_visit_;
};

class Scenario {
 public:
  explicit Scenario(std::size_t slots = 1, std::uint64_t seed = 1);

  Scenario(const Scenario&) = delete;
  Scenario& operator=(const Scenario&) = delete;

  sim::SimWorld world;
  PretendingDigest digest;
  List list;
  Output output{world};
  RunOptions options;
  OptOut opt_out;

  void visit(std::string_view argument, std::string_view seed = {}) { list.add(argument, seed); }
  // The device's network, in the place of the world's. To be called before run().
  void through(Network& network) { network_ = &network; }
  // Where endpoints come from, in the place of `list`. To be called before run(), and to outlive
  // it.
  void from(EndpointSource& source) { source_ = &source; }
  // A SOCKS proxy at 127.0.0.1:9050, which the device uses for onion names, or for everything. To
  // be called once, before run() and behind through().
  enum class Takes : std::uint8_t { kOnions, kAll };
  sim::SocksProxy& proxy(Takes what = Takes::kOnions);
  sim::SimTls& tls(std::size_t slot) { return tls_.at(slot); }

  // Runs to the end, and checks what holds for every run whatever happened: it ends within a
  // bound on steps, and no stream and no lookup is left open.
  void run();
  // As far as `until`; run() goes on from there.
  void run_until(const std::function<bool()>& until);
  void stop() { scheduler().stop(); }

  Scheduler& scheduler();

  // Virtual time that the run took so far.
  Micros elapsed() { return world.now() - started_; }

  // What was written. only() REQUIRES that exactly one endpoint was observed, at() that the
  // endpoint was observed once.
  std::vector<const Kept*> observations() const;
  const Kept& only() const;
  const Kept& at(std::string_view endpoint) const;
  const Kept& end() const;

 private:
  std::deque<sim::SimTls> tls_;
  Network* network_ = &world;
  EndpointSource* source_ = &list;
  std::optional<sim::SocksProxy> socks_;
  std::array<socks5::Tunnel, limits::kMostSlots> tunnels_;
  std::optional<socks5::Socks5Network> proxied_network_;
  bool proxy_for_all_ = false;
  Gate gate_{opt_out};
  std::vector<std::unique_ptr<Session>> sessions_;
  std::vector<Session*> session_list_;
  std::unique_ptr<Scheduler> scheduler_;
  Instant started_;
};

}  // namespace observatory::scenario
