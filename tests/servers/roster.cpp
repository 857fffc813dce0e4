// SPDX-License-Identifier: MIT
#include "tests/servers/roster.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include "tests/servers/prng.h"
#include "tests/servers/text.h"

namespace observatory::demo {
namespace {

const std::vector<Row> kRoster = {
    // Ordinary servers.
    {.name = "electrumx-1.16.0",
     .implementation = "electrumx-1.16.0",
     .certificate = Recipe::kHowTo},
    {.name = "electrumx-1.16-git",
     .implementation = "electrumx-1.16-git",
     .certificate = Recipe::kDocker},
    {.name = "electrumx-1.18.0", .implementation = "electrumx-1.18.0"},
    {.name = "electrumx-1.19.0",
     .implementation = "electrumx-1.19.0",
     .certificate = Recipe::kChain},
    {.name = "electrumx-1.20.0",
     .implementation = "electrumx-1.20.0",
     .certificate = Recipe::kChain},
    {.name = "fulcrum-2.1.1", .implementation = "fulcrum-2.1.1"},
    {.name = "fulcrum-1.9.8",
     .implementation = "fulcrum-1.9.8",
     .certificate = Recipe::kSelfSignedRsa,
     .banner = BannerKind::kDefault},
    {.name = "fulcrum-1.12.0",
     .implementation = "fulcrum-1.12.0",
     .tcp_port = 0,
     .tls_port = 60002,
     .certificate = Recipe::kChain},
    {.name = "electrs-0.10.9",
     .implementation = "electrs-0.10.9",
     .certificate = Recipe::kChain,
     .banner = BannerKind::kDefault},
    {.name = "electrs-0.9.11",
     .implementation = "electrs-0.9.11",
     .tls_port = 0,
     .certificate = Recipe::kNone,
     .banner = BannerKind::kDefault},
    {.name = "electrs-esplora-recent",
     .implementation = "electrs-esplora-recent",
     .tcp_port = 57001,
     .tls_port = 57002,
     .certificate = Recipe::kChain,
     .banner = BannerKind::kDefault},
    {.name = "electrs-esplora-0.4.1",
     .implementation = "electrs-esplora-0.4.1",
     .banner = BannerKind::kDefault},
    {.name = "mempool-electrs",
     .implementation = "mempool-electrs",
     .certificate = Recipe::kChain,
     .banner = BannerKind::kDefault},
    {.name = "electrum-personal-server",
     .implementation = "electrum-personal-server-0.2.4",
     .tcp_port = 0,
     .certificate = Recipe::kPersonal,
     .banner = BannerKind::kDefault},
    {.name = "floresta",
     .implementation = "floresta-0.8.0",
     .certificate = Recipe::kFloresta,
     .banner = BannerKind::kDefault},
    {.name = "bwt",
     .implementation = "bwt-0.2.4",
     .tls_port = 0,
     .certificate = Recipe::kNone,
     .banner = BannerKind::kDefault},
    {.name = "utreexod", .implementation = "utreexod-0.5.0", .banner = BannerKind::kDefault},
    {.name = "jelectrum", .implementation = "jelectrum", .banner = BannerKind::kDefault},

    // Unusual content.
    {.name = "long-banner", .implementation = "fulcrum-2.1.1", .banner = BannerKind::kLong},
    {.name = "huge-banner",
     .implementation = "electrumx-1.16-git",
     .tls_port = 0,
     .certificate = Recipe::kNone,
     .banner = BannerKind::kHuge},
    {.name = "hostile-text", .implementation = "fulcrum-2.1.1", .banner = BannerKind::kHostile},
    {.name = "many-peers",
     .implementation = "fulcrum-2.1.1",
     .certificate = Recipe::kChain,
     .peers = 200},
    {.name = "many-hosts", .implementation = "electrumx-1.20.0", .hosts = 40},
    {.name = "testnet",
     .implementation = "electrumx-1.20.0",
     .tcp_port = 51001,
     .tls_port = 51002,
     .testnet = true},
    {.name = "lagging", .implementation = "fulcrum-1.8.2", .lag = 3},
    {.name = "far-behind",
     .implementation = "electrs-0.10.9",
     .tcp_port = 60001,
     .tls_port = 60002,
     .banner = BannerKind::kDefault,
     .lag = 27},

    // Liars.
    {.name = "claims-electrumx-1.19.0",
     .implementation = "fulcrum-2.1.1",
     .claims = "ElectrumX 1.19.0"},
    {.name = "claims-fulcrum-2.1.1", .implementation = "electrumx-1.17", .claims = "Fulcrum 2.1.1"},
    {.name = "claims-electrumx-1.18.0",
     .implementation = "electrumx-1.17",
     .claims = "ElectrumX 1.18.0"},
    {.name = "javascript-proxy",
     .implementation = "javascript-proxy",
     .certificate = Recipe::kChain},

    // Certificates.
    {.name = "expired-certificate",
     .implementation = "fulcrum-1.9.8",
     .certificate = Recipe::kExpiredChain},
    {.name = "certificate-of-another",
     .implementation = "electrumx-1.16-git",
     .certificate = Recipe::kOtherName},
    {.name = "shared-certificate-1",
     .implementation = "electrumx-1.19.0",
     .certificate = Recipe::kSharedWhole},
    {.name = "shared-certificate-2",
     .implementation = "electrumx-1.19.0",
     .certificate = Recipe::kSharedWhole},
    {.name = "shared-key-1", .implementation = "fulcrum-2.1.1", .certificate = Recipe::kSharedKey},
    {.name = "shared-key-2",
     .implementation = "electrumx-1.20.0",
     .certificate = Recipe::kSharedKey},
    {.name = "tls-1.2-only",
     .implementation = "electrumx-1.16.0",
     .tcp_port = 0,
     .certificate = Recipe::kSelfSignedRsa,
     .max_tls = TLS1_2_VERSION},
    {.name = "tls-1.3-only",
     .implementation = "fulcrum-2.1.1",
     .tcp_port = 0,
     .min_tls = TLS1_3_VERSION},

    // Servers that do not answer as they should.
    {.name = "rate-limited",
     .implementation = "electrumx-1.19.0",
     .tls_port = 0,
     .certificate = Recipe::kNone,
     .behaviour = Behaviour::kRateLimit},
    {.name = "closes-on-accept",
     .implementation = "electrumx-1.18.0",
     .tls_port = 0,
     .certificate = Recipe::kNone,
     .behaviour = Behaviour::kCloseOnAccept},
    {.name = "silent",
     .implementation = "electrumx-1.16.0",
     .certificate = Recipe::kNone,
     .behaviour = Behaviour::kSilent},
    {.name = "resets",
     .implementation = "electrumx-1.16.0",
     .tls_port = 0,
     .certificate = Recipe::kNone,
     .behaviour = Behaviour::kReset},
    {.name = "resets-mid-reply",
     .implementation = "electrumx-1.16.0",
     .behaviour = Behaviour::kResetMidReply},
    {.name = "refuses",
     .implementation = "electrumx-1.16.0",
     .certificate = Recipe::kNone,
     .behaviour = Behaviour::kRefuse},
    {.name = "full-backlog",
     .implementation = "electrumx-1.16.0",
     .tls_port = 0,
     .certificate = Recipe::kNone,
     .behaviour = Behaviour::kFullBacklog},
    {.name = "garbage", .implementation = "electrumx-1.16.0", .behaviour = Behaviour::kGarbage},
    {.name = "http", .implementation = "electrumx-1.16.0", .behaviour = Behaviour::kHttp},
    {.name = "tls-on-tcp-port",
     .implementation = "fulcrum-2.1.1",
     .tls_port = 0,
     .behaviour = Behaviour::kTlsOnTcpPort},
    {.name = "plain-on-tls-port",
     .implementation = "fulcrum-2.1.1",
     .tcp_port = 0,
     .certificate = Recipe::kNone,
     .behaviour = Behaviour::kPlainOnTlsPort},
    {.name = "tls-alert",
     .implementation = "electrumx-1.16.0",
     .tcp_port = 0,
     .certificate = Recipe::kNone,
     .behaviour = Behaviour::kTlsAlert},
    {.name = "endless-line",
     .implementation = "electrumx-1.16.0",
     .tls_port = 0,
     .certificate = Recipe::kNone,
     .behaviour = Behaviour::kEndlessLine},
    {.name = "malformed-json",
     .implementation = "electrumx-1.16.0",
     .tls_port = 0,
     .certificate = Recipe::kNone,
     .behaviour = Behaviour::kMalformed},
    {.name = "not-json-rpc",
     .implementation = "electrumx-1.16.0",
     .tls_port = 0,
     .certificate = Recipe::kNone,
     .behaviour = Behaviour::kNotJsonRpc},
    {.name = "dribbles", .implementation = "electrumx-1.16-git", .behaviour = Behaviour::kDribble},
    {.name = "electrumx-2.0.0", .implementation = "electrumx-2.0.0"},
};

std::string own_banner(const Row& row, const std::string& software, Prng* prng) {
  static constexpr std::array<const char*, 5> kWords = {
      "Please be gentle.", "Best effort, no guarantees.", "Run your own node!",
      "Powered by solar energy and patience.", "Donations keep the disk spinning."};
  return "Welcome to " + std::string(row.name) +
         ".example.org, a demo server.\nSoftware: " + software + "\n" +
         kWords[prng->below(kWords.size())] + "\n";
}

std::string long_banner() {
  std::string banner = "A long banner, within the 16 KiB that Fulcrum reads.\n";
  for (int line = 1; banner.size() < 12000; ++line) {
    banner += "Line " + std::to_string(line) + " of a poem nobody will ever read to its end.\n";
  }
  return banner;
}

// Text made to hurt: terminal control sequences, markup, bidirectional overrides, a spreadsheet
// formula, format characters, a false log line.
std::string hostile_banner() {
  return "\x1b[2J\x1b[1;31mYour terminal is mine\x1b[0m\x07\x1b]0;title\x07\n"
         "<script>alert('banner')</script><img src=x onerror=alert(1)> &amp; \"quoted\" 'too'\n"
         "=HYPERLINK(\"http://192.0.2.1/\",\"click\")\t%s%n%x {0} ${PATH} $(reboot) `id`\n"
         "\xe2\x80\xae"
         "desrever\xe2\x80\xac zero\xe2\x80\x8bwidth\xef\xbb\xbf \xe2\x80\xa8 \x7f\r\n"
         "caf\xc3\xa9 \xf0\x9f\x98\x80\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb "
         "\xe0\xa4\xa8\xe0\xa4\xae\xe0\xa4\xb8\xe0\xa5\x8d\xe0\xa4\xa4\xe0\xa5\x87 "
         "\xd8\xb3\xd9\x84\xd8\xa7\xd9\x85 Z\xcc\x80\xcc\x81\xcc\x82\xcc\x83\n"
         "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":[\"Fake 9.9\",\"9.9\"]}\n"
         "UPDATE NOW: your client is out of date, see http://198.51.100.66/electrum.exe\n";
}

std::string make_banner(const Row& row, const Implementation& implementation,
                        const std::string& software, Prng* prng) {
  switch (row.banner) {
    case BannerKind::kOwn:
      return own_banner(row, software, prng);
    case BannerKind::kLong:
      return long_banner();
    case BannerKind::kHuge:
      return std::string(200 * 1024, '#');
    case BannerKind::kHostile:
      return hostile_banner();
    case BannerKind::kDefault:
      break;
  }
  const std::string number = software.substr(software.find_first_of(" /") + 1);
  return filled(implementation.banner, {{"{software}", software}, {"{number}", number}});
}

// An address with the look of bc1q..; it has no valid checksum, so nobody can send coins to it.
std::string make_up_donation(Prng* prng) {
  static constexpr std::string_view kBech32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
  std::string address = "bc1q";
  for (int i = 0; i < 38; ++i) address.push_back(kBech32[prng->below(kBech32.size())]);
  return address;
}

Json host_entry(int tcp_port, int tls_port) {
  Json entry = Json::from_members();
  if (tcp_port != 0) entry.set("tcp_port", Json::from_int(tcp_port));
  if (tls_port != 0) entry.set("ssl_port", Json::from_int(tls_port));
  return entry;
}

void set_hosts(const Row& row, Persona* persona) {
  persona->hosts.set(persona->address, host_entry(persona->tcp_port, persona->tls_port));
  for (int i = 1; i <= row.hosts; ++i) {
    persona->hosts.set("node" + std::to_string(i) + "." + row.name + ".example.org",
                       host_entry(50001, 50002));
  }
  for (size_t i = 0; i < persona->hosts.size(); ++i) {
    const std::string& host = persona->hosts.names()[i];
    const Json& entry = persona->hosts.items()[i];
    if (const Json* port = entry.find("tcp_port")) {
      persona->services.append(Json::from_text("tcp://" + host + ":" + port->text()));
    }
    if (const Json* port = entry.find("ssl_port")) {
      persona->services.append(Json::from_text("ssl://" + host + ":" + port->text()));
    }
  }
}

Json peer_entry(const std::string& address, const std::string& host, std::string_view version,
                int tcp_port, int tls_port) {
  Json features = Json::from_items({Json::from_text(joined({"v", version}))});
  if (tls_port != 0) features.append(Json::from_text(joined({"s", std::to_string(tls_port)})));
  if (tcp_port != 0) features.append(Json::from_text(joined({"t", std::to_string(tcp_port)})));
  return Json::from_items({Json::from_text(address), Json::from_text(host), features});
}

// A peer nobody can reach: its address is reserved for documentation.
Json documentation_peer(int number, Prng* prng) {
  static constexpr std::array<const char*, 3> kNets = {"192.0.2.", "198.51.100.", "203.0.113."};
  static constexpr std::array<const char*, 6> kVersions = {"1.4.2", "1.4.3", "1.4.5",
                                                           "1.5.3", "1.6",   "1.6.0"};
  const std::string address = kNets[static_cast<size_t>(number) % kNets.size()] +
                              std::to_string(1 + number / static_cast<int>(kNets.size()) % 254);
  const std::string host = "peer" + std::to_string(number) + ".example.org";
  return peer_entry(address, host, kVersions[prng->below(kVersions.size())],
                    prng->below(3) == 0 ? 0 : 50001, 50002);
}

bool is_good_peer(const Server& server) {
  const Persona& persona = server.persona;
  return server.row->behaviour == Behaviour::kElectrum && !server.row->testnet &&
         persona.implementation->features != FeaturesShape::kAbsent;
}

void set_peers(const std::vector<Server>& all, Server* server, Prng* prng) {
  Persona& persona = server->persona;
  if (!persona.implementation->peers || server->row->testnet) return;
  std::vector<const Server*> others;
  for (const Server& other : all) {
    if (&other != server && is_good_peer(other)) others.push_back(&other);
  }
  for (size_t i = others.size(); i > 1; --i) std::swap(others[i - 1], others[prng->below(i)]);
  const size_t total = server->row->peers > 0 ? static_cast<size_t>(server->row->peers)
                                              : static_cast<size_t>(prng->between(8, 24));
  const size_t known = std::min(others.size(), server->row->peers > 0 ? total : total * 2 / 3);
  for (size_t i = 0; i < known; ++i) {
    const Persona& peer = others[i]->persona;
    persona.peers.append(peer_entry(peer.address, peer.address, peer.implementation->protocol_max,
                                    peer.tcp_port, peer.tls_port));
  }
  const int offset = static_cast<int>(prng->below(400));
  for (size_t i = known; i < total; ++i) {
    persona.peers.append(documentation_peer(offset + static_cast<int>(i), prng));
  }
}

Json make_fee_histogram(Prng* prng) {
  Json histogram = Json::from_items();
  for (int rate = prng->between(12, 40); rate > 0; rate -= prng->between(1, 6)) {
    histogram.append(
        Json::from_items({Json::from_int(rate), Json::from_int(prng->between(20000, 900000))}));
  }
  return histogram;
}

TlsPolicy policy_of(const Row& row, const Implementation& implementation) {
  TlsPolicy policy{.min_version = row.min_tls, .max_version = row.max_tls};
  policy.own_cipher_order = implementation.reader != Reader::kSerde;
  policy.new_keys_every_time = implementation.reader == Reader::kFulcrum;
  // The Rust servers have no TLS of their own: a web server stands in front. Floresta has.
  policy.acknowledges_name = implementation.reader == Reader::kSerde &&
                             implementation.features != FeaturesShape::kFloresta;
  policy.alert_for_plain_text = row.behaviour == Behaviour::kTlsOnTcpPort;
  return policy;
}

Server make_server(const Row& row, size_t index, const Options& options, const Chains& chains) {
  Prng prng(options.seed, row.name);
  const Implementation& implementation = find_implementation(row.implementation);
  Server server{.row = &row, .persona = {}};
  Persona& persona = server.persona;
  persona.name = row.name;
  persona.address = address_at(options.base, static_cast<uint32_t>(index) + 1);
  persona.tcp_port = row.tcp_port;
  persona.tls_port = row.tls_port;
  if (options.ports_from > 0) {
    const int first = options.ports_from + static_cast<int>(index) * 2;
    if (row.tcp_port != 0) persona.tcp_port = first;
    if (row.tls_port != 0) persona.tls_port = first + 1;
  }
  persona.implementation = &implementation;
  persona.software = row.claims != nullptr ? row.claims : implementation.software;
  persona.banner = make_banner(row, implementation, persona.software, &prng);
  const std::string donation = make_up_donation(&prng);
  if (implementation.donation != nullptr) {
    const bool own = std::string_view(implementation.donation) == "*";
    persona.donation = Json::from_text(own ? donation : implementation.donation);
  }
  set_hosts(row, &persona);
  persona.chain = row.testnet ? &chains.test : &chains.main;
  persona.tip = persona.chain->tip() - row.lag;
  persona.fee_histogram = make_fee_histogram(&prng);
  persona.estimate = implementation.estimate;
  server.delay_ms = static_cast<double>(prng.between(0, 120)) * options.delay_scale;
  server.policy = policy_of(row, implementation);
  return server;
}

}  // namespace

const std::vector<Row>& roster() { return kRoster; }

std::vector<Server> make_servers(const Options& options, const Chains& chains,
                                 CertificateMaker* certificates) {
  std::vector<Server> all;
  for (size_t i = 0; i < kRoster.size(); ++i) {
    all.push_back(make_server(kRoster[i], i, options, chains));
  }
  for (Server& server : all) {
    Prng prng(options.seed, server.persona.name + " peers");
    set_peers(all, &server, &prng);
  }
  for (const std::string& name : options.only) {
    const bool known = std::any_of(kRoster.begin(), kRoster.end(),
                                   [&](const Row& row) { return name == row.name; });
    if (!known) throw std::invalid_argument("--only: no server is named \"" + name + "\"");
  }
  if (!options.only.empty()) {
    std::erase_if(all, [&](const Server& server) {
      return std::find(options.only.begin(), options.only.end(), server.persona.name) ==
             options.only.end();
    });
  }
  for (Server& server : all) {
    if (server.row->certificate == Recipe::kNone) continue;
    server.identity =
        certificates->make(server.row->certificate, server.persona.name, server.persona.address);
  }
  return all;
}

std::string_view expected_outcome(const Row& row, bool tls) {
  switch (row.behaviour) {
    case Behaviour::kDribble:  // slow, but server.version is answered within 3.2 s
      return "ok";
    case Behaviour::kElectrum:
      // It ends at the list form of server.version.
      return std::string_view(row.implementation) == "electrum-personal-server-0.2.4" ? "closed"
                                                                                      : "ok";
    case Behaviour::kSilent:
      return tls ? "tls_timeout" : "reply_timeout";
    case Behaviour::kReset:
    case Behaviour::kResetMidReply:
      return "reset";
    case Behaviour::kRefuse:
      return "refused";
    case Behaviour::kFullBacklog:
      return "connect_timeout";
    case Behaviour::kGarbage:
    case Behaviour::kMalformed:
      return "malformed_reply";
    case Behaviour::kHttp:
    case Behaviour::kTlsOnTcpPort:
    case Behaviour::kPlainOnTlsPort:
      return "wrong_protocol";
    case Behaviour::kTlsAlert:
      return "tls_alert";
    case Behaviour::kEndlessLine:
      return "reply_too_long";
    case Behaviour::kNotJsonRpc:
      return "not_electrum";
    case Behaviour::kRateLimit:
      return "rate_limited";
    case Behaviour::kCloseOnAccept:
      return "closed";
  }
  return "ok";
}

}  // namespace observatory::demo
