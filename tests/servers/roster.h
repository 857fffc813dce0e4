// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/servers/certificates.h"
#include "tests/servers/chain.h"
#include "tests/servers/network.h"
#include "tests/servers/odd_servers.h"
#include "tests/servers/options.h"
#include "tests/servers/persona.h"

namespace observatory::demo {

enum class BannerKind { kDefault, kOwn, kLong, kHuge, kHostile };

// One row of the roster: what a server of the demo network is. Its place in the table is its
// address: row 0 is base + 1.
struct Row {
  const char* name;
  const char* implementation;
  int tcp_port = 50001;  // 0: none
  int tls_port = 50002;
  Recipe certificate = Recipe::kSelfSigned;
  Behaviour behaviour = Behaviour::kElectrum;
  const char* claims = nullptr;  // another server.version string than its implementation has
  BannerKind banner = BannerKind::kOwn;
  int lag = 0;  // blocks behind the tip
  bool testnet = false;
  int peers = 0;  // 0: as many as the seed says
  int hosts = 0;  // more hosts in server.features
  int min_tls = TLS1_2_VERSION;
  int max_tls = TLS1_3_VERSION;
};

const std::vector<Row>& roster();

// A server made from its row. Address, ports and persona are set even where nothing answers.
struct Server {
  const Row* row;
  Persona persona;
  Identity identity = {};  // empty without a TLS port
  TlsPolicy policy = {};
  double delay_ms = 0;
};

// The chains of a network; the personas point to them.
struct Chains {
  explicit Chains(uint64_t seed) : main(Chain::mainnet(seed)), test(Chain::testnet(seed)) {}
  Chain main;
  Chain test;
};

// Throws std::invalid_argument for an unknown name in options.only.
std::vector<Server> make_servers(const Options& options, const Chains& chains,
                                 CertificateMaker* certificates);

// How an observation of that port should end, in the words of the README.
std::string_view expected_outcome(const Row& row, bool tls);

}  // namespace observatory::demo
