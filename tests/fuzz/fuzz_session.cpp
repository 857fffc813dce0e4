// SPDX-License-Identifier: MIT
// A whole run: scheduler and sessions in the make-believe world, whose servers do what the input
// says. Sixteen bytes choose the world (see below); a server then says one line of the rest for
// each line that it hears, whoever asked, until there are no more.
//
// Every run ends, with a sound record for each visit, and leaves nothing open.
#include <array>
#include <deque>
#include <memory>

#include "core/run/scheduler.h"
#include "tests/fuzz/fuzz.h"
#include "tests/sim/sim_tls.h"
#include "tests/sim/sim_world.h"
#include "tests/support/sha256.h"

namespace observatory::fuzz {
namespace {

using namespace sim::literals;

class Output final : public RunOutput {
 public:
  explicit Output(std::size_t failing) : failing_(failing) {}

  void visiting(const Endpoint&) override {}

  Status write(const Record& record) override {
    require_sound(record);
    require(++written == record.number(FieldId::kSeq) + 1 || !record.has(FieldId::kSeq),
            "records are numbered in order");
    const auto type = static_cast<RecordType>(record.number(FieldId::kType));
    require((type == RecordType::kRun) == (written == 1), "a run begins once");
    if (type == RecordType::kObservation) {
      ++observations;
      require(record.has(FieldId::kOutcome), "an observation has an outcome");
    }
    ended = type == RecordType::kEnd;
    if (ended) require(record.number(FieldId::kObservations) == observations, "none is lost");
    if (record.has(FieldId::kFollowed)) followed = record.number(FieldId::kFollowed);
    return written == failing_ ? Status::kFailed : Status::kOk;
  }

  std::size_t written = 0;
  std::size_t observations = 0;
  std::uint64_t followed = 0;  // endpoints that servers announced
  bool ended = false;

 private:
  std::size_t failing_;  // 0: none
};

class Source final : public EndpointSource {
 public:
  explicit Source(std::vector<std::string_view> lines) : lines_(std::move(lines)) {}

  Next next(Endpoint& endpoint) override {
    if (at_ == lines_.size()) return Next::kEnd;
    if (waits_ = !waits_; waits_) return Next::kNotYet;
    EndpointLine line;
    read_endpoint_line(lines_[at_++], {}, line);
    require(line.count == 1, "the endpoints of this test are right");
    endpoint = line.endpoints[0];
    return Next::kEndpoint;
  }
  std::uint64_t bad_lines() const override { return 0; }

 private:
  std::vector<std::string_view> lines_;
  std::size_t at_ = 0;
  bool waits_ = false;
};

// What all servers have to say, in turn.
class Script {
 public:
  explicit Script(ByteView bytes) : rest_(as_text(bytes)) {}

  std::string_view next() {
    const std::string_view line = rest_.substr(0, rest_.find('\n'));
    const std::string_view with_end = rest_.substr(0, line.size() + 1);
    rest_.remove_prefix(with_end.size());
    return with_end;
  }

 private:
  std::string_view rest_;
};

// How a server is reached, and how it breaks off.
void choose_way(sim::ScriptedServer& server, unsigned way, unsigned cut) {
  switch (way & 15) {
    case 8:
      server.refuse();
      break;
    case 9:
      server.ignore();
      break;
    case 10:
      server.unreachable();
      break;
    case 11:
      server.time_out(kSecond);
      break;
    case 12:
      server.reset_on_accept();
      break;
    case 13:
      server.close_on_accept();
      break;
    case 14:
      server.flood(1000);
      break;
    case 15:
      server.stall();
      break;
    default:
      server.round_trip((way & 7) * 50 * kMillisecond);
  }
  if ((way & 16) != 0) server.pieces(1 + (way >> 5) * 40, kMillisecond);
  if (cut == 0) return;
  const std::size_t bytes = std::size_t{cut >> 2} * 16 + 1;
  switch (cut & 3) {
    case 0:
      server.reset_after(bytes);
      break;
    case 1:
      server.close_after(bytes);
      break;
    case 2:
      server.reset_after_receiving(bytes);
      break;
    default:
      server.close_after_receiving(bytes);
  }
}

void choose_tls(sim::SimTlsServer& tls, unsigned how, std::string_view certificate) {
  switch (how & 7) {
    case 1:
      tls.alert(static_cast<std::uint8_t>(how >> 3));
      break;
    case 2:
      tls.fail(static_cast<TlsFailure>(how >> 3 & 7), -1);
      break;
    case 3:
      tls.needs_tls12();
      break;
    case 4:
      tls.silent();
      break;
    case 5:
      tls.rude().record_size(1 + (how >> 3) * 20);
      break;
    case 6:
      tls.version(sim::SimTlsServer::Version::kTls12).trust(TlsTrust::kUntrusted);
      break;
    default:
      tls.self_signed();
  }
  tls.chain({std::string(certificate), "root"});
}

}  // namespace
}  // namespace observatory::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace observatory;
  using namespace observatory::sim::literals;
  fuzz::Input input(data, size);
  const unsigned what = input.byte();
  const unsigned bounds = input.byte();
  const unsigned stop = input.byte();     // 0: never
  const unsigned failing = input.byte();  // 0: none
  std::array<std::array<std::uint8_t, 3>, 4> how{};
  for (auto& server : how) {
    for (std::uint8_t& byte : server) byte = input.byte();
  }

  sim::SimWorld world;
  fuzz::Script script(input.rest());
  world.without_tcp_facts((what & 4) != 0).without_ipv6((what & 8) != 0);
  world.spurious_wakes((what & 16) != 0 ? 3 : 0).no_randomness((what & 0xe0) == 0xe0);
  if ((bounds & 1) != 0) world.read_limit(1 + (bounds >> 3));
  if ((bounds & 2) != 0) world.write_limit(1 + (bounds >> 3));
  if ((bounds & 4) != 0) world.buffers(64, 64);
  world.name("two.example", {"192.0.2.1"_ip, "2001:db8::1"_ip}).lookup_hangs("slow.example");

  // Four servers: plain, TLS, one behind IPv6, and one that speaks something else where TLS should
  // be.
  const auto answer = [&script](sim::Connection& client, std::string_view) {
    client.send(script.next());
  };
  auto& plain = world.listen("192.0.2.1"_ip, 50001).on_line(answer);
  auto& secure = world.listen("192.0.2.1"_ip, 50002);
  auto& six = world.listen("2001:db8::1"_ip, 50001).on_line(answer);
  auto& odd = world.listen("192.0.2.2"_ip, 50002);
  odd.on_bytes([&script](sim::Connection& client, ByteView) { client.send(script.next()); });
  sim::SimTlsServer tls;
  fuzz::choose_tls(tls, how[1][2], as_text(input.rest()));
  tls.on_line(answer);
  secure.on_bytes(tls);
  fuzz::choose_way(plain, how[0][0], how[0][1]);
  fuzz::choose_way(secure, how[1][0], how[1][1]);
  fuzz::choose_way(six, how[2][0], how[2][1]);
  fuzz::choose_way(odd, how[3][0], how[3][1]);

  std::vector<std::string_view> list = {"192.0.2.1 t50001", "192.0.2.1 s50002",
                                        "two.example t50001", "192.0.2.2 s50002"};
  if ((how[2][2] & 1) != 0) list.push_back("slow.example s");
  if ((how[2][2] & 2) != 0) list.push_back("none.example t");
  if ((how[2][2] & 4) != 0) list.push_back("hidden.onion t");
  const std::size_t endpoints = list.size();
  fuzz::Source source(std::move(list));
  fuzz::Output output(failing);

  test::Sha256Digest digest;
  const Platform platform = world.platform(digest);
  OptOut opt_out;
  const auto gate = std::make_unique<Gate>(opt_out);
  std::deque<sim::SimTls> engines(1 + (what & 3));
  if ((how[3][2] & 1) != 0) engines[0].out_of_memory();
  if ((how[3][2] & 2) != 0) engines[0].buffers(64, 64);
  std::vector<std::unique_ptr<Session>> owned;
  std::vector<Session*> sessions;
  for (sim::SimTls& engine : engines) {
    owned.push_back(std::make_unique<Session>(platform, engine, *gate));
    sessions.push_back(owned.back().get());
  }
  RunOptions options;
  options.vantage = "fuzz";
  options.software = "fuzz";
  options.tls_engine = "none";
  options.tls_newest = "TLSv1.3";
  options.client_name = "fuzz";
  options.discovery.most = how[0][2] & 7;
  options.discovery.reach = (how[0][2] & 8) != 0 ? Reach::kAnywhere : Reach::kGlobal;
  options.tls_fingerprint = static_cast<TlsFingerprint>((how[3][2] >> 2 & 3) % 3);
  const auto scheduler = std::make_unique<Scheduler>(platform, std::span<Session* const>(sessions),
                                                     *gate, source, output, options);

  // Each visit has its bound, and so has the pause before it: the run has one.
  constexpr Micros kHellos = 11 * (limits::kHelloGap + limits::kHelloTimeout);
  world.stop_after(world.now() + static_cast<Micros>(endpoints + options.discovery.most) *
                                     (40 * kSecond + kHellos));
  for (unsigned steps = 0; !scheduler->done(); ++steps) {
    if (stop != 0 && steps == stop) scheduler->stop();
    scheduler->step();
  }

  fuzz::require(world.open_streams() == 0, "no stream is left open");
  fuzz::require(world.open_lookups() == 0, "no lookup is left over");
  fuzz::require(world.max_simultaneous("192.0.2.1"_ip) <= 1,
                "one connection at a time per address");
  if (ok(scheduler->status())) {
    fuzz::require(output.ended, "a run ends");
    fuzz::require(stop != 0 || !scheduler->interrupted(), "nobody interrupted the run");
    fuzz::require(stop != 0 || output.observations == endpoints + output.followed,
                  "each endpoint is visited");
    fuzz::require(output.followed <= options.discovery.most, "no more than was asked for");
  }
  return 0;
}
