// SPDX-License-Identifier: MIT
#include "tests/scenario/scenario.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "core/record/cbor_reader.h"
#include "core/record/cbor_writer.h"
#include "core/record/json_writer.h"
#include "tests/catch2.h"

namespace observatory::scenario {
namespace {

// The first block, whose hash everybody knows.
constexpr std::string_view kHeader =
    "0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c"
    "3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c";

constexpr std::uint64_t kMostSteps = 2'000'000;  // of one run; each is a pass over all slots

class StringSink final : public ByteSink {
 public:
  void put(ByteView bytes) override { text_ += as_text(bytes); }
  using ByteSink::put;
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

std::string json_of(const Record& record) {
  StringSink sink;
  write_json(record, sink);
  return sink.take();
}

// The JSON text between `before` and `after`; the requests are written by us, in one way.
std::string_view between(std::string_view line, std::string_view before, std::string_view after) {
  const std::size_t start = line.find(before);
  if (start == std::string_view::npos) return {};
  line.remove_prefix(start + before.size());
  return line.substr(0, line.find(after));
}

std::string concat(std::initializer_list<std::string_view> parts) {
  std::string result;
  for (const std::string_view part : parts) result += part;
  return result;
}

std::string electrumx_line(std::string_view id, std::string_view member, std::string_view value) {
  return concat({R"({"jsonrpc":"2.0",")", member, "\":", value, ",\"id\":", id, "}\n"});
}

std::string fulcrum_line(std::string_view id, std::string_view member, std::string_view value) {
  const std::string_view seen = id == "2.0" ? "2" : id;  // Qt's numbers
  return concat({"{\"id\":", seen, R"(,"jsonrpc":"2.0",")", member, "\":", value, "}\r\n"});
}

std::string electrs_line(std::string_view id, std::string_view member, std::string_view value) {
  return concat({"{\"id\":", id, R"(,"jsonrpc":"2.0",")", member, "\":", value, "}\n"});
}

}  // namespace

// --- Servers.

ElectrumServer::ElectrumServer(Envelope envelope, std::string_view software) : envelope_(envelope) {
  result("server.version", concat({"[\"", software, "\",\"1.6\"]"}));
  result("blockchain.headers.subscribe", concat({R"({"hex":")", kHeader, R"(","height":0})"}));
  result("server.donation_address", R"("1BitcoinEaterAddressDontSendf59kuE")");
  result("server.ping", "null");
  result("server.banner", R"("Welcome to \u00fcber-Electrum\n")");
  result("server.peers.subscribe", R"([["198.51.100.4","e.example",["v1.6","s50002","t50001"]]])");
  result("server.features",
         concat({R"({"hosts":{"e.example":{"tcp_port":50001}},"protocol_min":"1.4",)",
                 R"("protocol_max":"1.6","hash_function":"sha256","pruning":null,)",
                 R"("server_version":")", software, "\"}"}));
  result("mempool.get_info", R"({"mempoolminfee":0.00001})");
}

ElectrumServer& ElectrumServer::result(std::string_view method, std::string_view json) {
  answers_[std::string(method)] = {"result", std::string(json)};
  return *this;
}

ElectrumServer& ElectrumServer::error(std::string_view method, std::string_view json) {
  answers_[std::string(method)] = {"error", std::string(json)};
  return *this;
}

ElectrumServer& ElectrumServer::line(std::string_view method, std::string_view text) {
  answers_[std::string(method)] = {"", std::string(text)};
  return *this;
}

ElectrumServer& ElectrumServer::silent(std::string_view method) {
  answers_[std::string(method)].silent = true;
  return *this;
}

ElectrumServer& ElectrumServer::takes(std::string_view method, Micros length) {
  answers_[std::string(method)].takes = length;
  return *this;
}

ElectrumServer& ElectrumServer::only_version() {
  for (auto& [method, answer] : answers_) answer.silent = method != "server.version";
  return *this;
}

ElectrumServer& ElectrumServer::refuses_lists() {
  refuses_lists_ = true;
  return *this;
}

ElectrumServer& ElectrumServer::hangs_up_on(std::string_view method) {
  answers_[std::string(method)].hang_up = true;
  return *this;
}

void ElectrumServer::operator()(sim::Connection& client, std::string_view line) const {
  const std::string_view method = between(line, R"("method":")", "\"");
  const std::string_view id = between(line, "\"id\":", ",\"method\"");
  const auto found = answers_.find(method);
  if (found == answers_.end()) {
    client.send(envelope_(id, "error", R"({"code":-32601,"message":"unknown method"})"));
    return;
  }
  const Answer& answer = found->second;
  const bool is_list = method == "server.version" && line.find(",[") != std::string_view::npos;
  if (refuses_lists_ && is_list) {
    client.send(envelope_(id, "error", R"({"code":1,"message":"no lists"})"), answer.takes);
  } else if (!answer.silent) {
    const bool whole = answer.member.empty();
    client.send(whole ? answer.value : envelope_(id, answer.member, answer.value), answer.takes);
  }
  if (answer.hang_up) client.close();
}

ElectrumServer electrumx() { return {electrumx_line, "ElectrumX 1.20.0"}; }

ElectrumServer fulcrum() { return {fulcrum_line, "Fulcrum 2.1.1"}; }

ElectrumServer electrs() {
  ElectrumServer server(electrs_line, "electrs/0.11.1");
  server.result("server.version", R"(["electrs/0.11.1","1.4"])")
      .result("server.donation_address", "null")
      .result("server.peers.subscribe", "[]")
      .error("mempool.get_info", R"({"code":-32601,"message":"unknown method mempool.get_info"})");
  return server;
}

sim::SimTlsServer tls_server(const sim::LineHandler& inside) {
  sim::SimTlsServer server;
  server.on_line(inside);
  return server;
}

// --- What a run is made of.

void List::add(std::string_view argument, std::string_view seed) {
  EndpointLine line;
  read_endpoint_argument(argument, DefaultPorts{}, line);
  if (line.count == 0) throw std::invalid_argument(std::string(argument));
  for (std::size_t i = 0; i < line.count; ++i) items_.push_back({line.endpoints[i], seed, 0, true});
}

void List::generate(std::size_t count, std::function<Endpoint(std::size_t)> make) {
  count_ = count;
  make_ = std::move(make);
}

void List::pause(std::size_t times) { items_.push_back({{}, {}, times, false}); }

EndpointSource::Next List::next(Endpoint& endpoint) {
  while (!items_.empty()) {
    Item& item = items_.front();
    if (item.pauses > 0) {
      --item.pauses;
      return Next::kNotYet;
    }
    const bool found = item.is_endpoint;
    endpoint = item.endpoint;
    seed_ = item.seed;
    items_.pop_front();
    if (found) return Next::kEndpoint;
  }
  if (made_ == count_) return Next::kEnd;
  endpoint = make_(made_++);
  seed_ = {};
  return Next::kEndpoint;
}

Kept::Kept(const Record& record, Instant written_at)
    : json_(json_of(record)), pool_(limits::kRecordPool), record_(pool_), written_at_(written_at) {
  StringSink cbor;
  write_cbor(record, cbor);
  const ReadResult read = read_cbor(as_bytes(cbor.take()), record_);
  if (!ok(read.status)) throw std::logic_error("a record that cannot be read: " + json_);
  // What both forms say must be the same, whatever the scenario was about.
  if (json_of(record_) != json_) throw std::logic_error("CBOR lost something of " + json_);
}

std::string Kept::outcome() const {
  return std::string(outcome_name(static_cast<Outcome>(record_.number(FieldId::kOutcome))));
}

std::string Kept::endpoint() const {
  const bool tls = record_.number(FieldId::kTransport) == static_cast<unsigned>(Transport::kTls);
  return host() + ":" + std::to_string(record_.number(FieldId::kPort)) + (tls ? ":s" : ":t");
}

std::optional<Micros> Kept::number(FieldId field) const {
  if (!record_.has(field)) return std::nullopt;
  return record_.signed_number(field);
}

std::string Kept::text(FieldId field) const {
  return record_.has(field) ? std::string(record_.text(field)) : std::string();
}

std::string Kept::phases() const {
  std::string result;
  for (const FieldId phase :
       {FieldId::kUsDns, FieldId::kUsConnect, FieldId::kUsProxy, FieldId::kUsTls,
        FieldId::kUsVersion, FieldId::kUsReplies, FieldId::kUsPings}) {
    if (!record_.has(phase)) continue;
    result += result.empty() ? "" : ",";
    result += field_of(phase).name;
  }
  return result;
}

std::string Kept::facts() const {
  std::string result = json_;
  for (const std::string_view name : {"\"run\":", "\"seq\":", "\"t\":"}) {
    const std::size_t start = result.find(name);
    result.erase(start, result.find(',', start) + 1 - start);
  }
  return result;
}

void Output::visiting(const Endpoint& endpoint) {
  ++visits_;
  if (on_visit_) on_visit_(endpoint);
}

Status Output::write(const Record& record) {
  if (++writes_ == refused_) return Status::kFailed;
  if (text_only_) {
    text_ += json_of(record) + "\n";
  } else {
    text_ += records_.emplace_back(record, world_.now()).json() + "\n";
  }
  return Status::kOk;
}

Scenario::Scenario(std::size_t slots, std::uint64_t seed) : world(seed) {
  options.vantage = "test";
  options.software = "electrum-probe test";
  options.tls_engine = "SimTls";
  options.tls_newest = "TLSv1.3";
  options.client_name = "observatory/test (+https://example.org)";
  for (std::size_t i = 0; i < slots; ++i) tls_.emplace_back();
}

Scheduler& Scenario::scheduler() {
  if (scheduler_) return *scheduler_;
  Platform platform = world.platform(digest, *network_);
  if (proxied_network_) platform.proxy = &*proxied_network_;
  platform.proxy_for_all = proxy_for_all_;
  for (sim::SimTls& tls : tls_) {
    sessions_.push_back(std::make_unique<Session>(platform, tls, gate_));
    session_list_.push_back(sessions_.back().get());
  }
  started_ = world.now();
  scheduler_ =
      std::make_unique<Scheduler>(platform, session_list_, gate_, *source_, output, options);
  return *scheduler_;
}

sim::SocksProxy& Scenario::proxy(Takes what) {
  constexpr std::uint16_t kPort = 9050;
  const SocketAddress at{"127.0.0.1"_ip, kPort};
  socks_.emplace(world, at);
  proxied_network_.emplace(*network_, at, tunnels_);
  network_ = &*proxied_network_;
  proxy_for_all_ = what == Takes::kAll;
  return *socks_;
}

void Scenario::run_until(const std::function<bool()>& until) {
  for (std::uint64_t steps = 0; !scheduler().done() && !until(); ++steps) {
    if (steps >= kMostSteps) FAIL("the run does not end");
    scheduler().step();
  }
}

void Scenario::run() {
  run_until([] { return false; });
  CHECK(world.open_streams() == 0);
  CHECK(world.open_lookups() == 0);
}

std::vector<const Kept*> Scenario::observations() const {
  std::vector<const Kept*> found;
  for (const Kept& kept : output.records()) {
    if (kept.type() == RecordType::kObservation) found.push_back(&kept);
  }
  return found;
}

const Kept& Scenario::only() const {
  const std::vector<const Kept*> found = observations();
  REQUIRE(found.size() == 1);
  return *found.front();
}

const Kept& Scenario::at(std::string_view endpoint) const {
  std::vector<const Kept*> found = observations();
  std::erase_if(found, [&](const Kept* kept) { return kept->endpoint() != endpoint; });
  INFO(endpoint);
  REQUIRE(found.size() == 1);
  return *found.front();
}

const Kept& Scenario::end() const {
  REQUIRE(!output.records().empty());
  REQUIRE(output.records().back().type() == RecordType::kEnd);
  return output.records().back();
}

}  // namespace observatory::scenario
