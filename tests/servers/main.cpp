// SPDX-License-Identifier: MIT
#include <cstdio>
#include <ctime>
#include <exception>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/servers/network.h"
#include "tests/servers/options.h"
#include "tests/servers/roster.h"
#include "tests/servers/truth.h"

namespace observatory::demo {
namespace {

void write_file(const std::string& path, const std::string& text) {
  if (path.empty()) return;
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (!file) throw std::runtime_error("cannot write " + path);
}

Endpoint make_endpoint(const Server& server, bool tls, const Options& options) {
  const Behaviour behaviour = server.row->behaviour;
  Endpoint endpoint;
  endpoint.address = server.persona.address;
  endpoint.port = tls ? server.persona.tls_port : server.persona.tcp_port;
  if (behaviour == Behaviour::kRefuse) endpoint.listening = Endpoint::Listening::kRefusing;
  if (behaviour == Behaviour::kFullBacklog) endpoint.listening = Endpoint::Listening::kFull;
  endpoint.tls = server.identity.key && (tls || behaviour == Behaviour::kTlsOnTcpPort);
  endpoint.identity = server.identity;
  endpoint.policy = server.policy;
  endpoint.delay_ms = server.delay_ms;
  endpoint.jitter_ms = server.delay_ms / 10;
  endpoint.seed = options.seed ^ static_cast<uint64_t>(endpoint.port);
  endpoint.converse = [&server, behaviour] { return make_conversation(behaviour, server.persona); };
  return endpoint;
}

int serve(const Options& options) {
  const Chains chains(options.seed);
  CertificateMaker certificates(options.seed, std::time(nullptr));
  const std::vector<Server> servers = make_servers(options, chains, &certificates);
  Network network;
  int endpoints = 0;
  for (const Server& server : servers) {
    for (const bool tls : {false, true}) {
      if ((tls ? server.persona.tls_port : server.persona.tcp_port) == 0) continue;
      network.add(make_endpoint(server, tls, options));
      ++endpoints;
    }
  }
  write_file(options.list_path, list_text(servers));
  write_file(options.truth_path, truth_text(servers));
  write_file(options.ca_path, certificates.ca_pem());
  std::printf("demo network: %zu servers, %d endpoints, seed %llu\n", servers.size(), endpoints,
              static_cast<unsigned long long>(options.seed));
  std::fflush(stdout);
  network.run(options.seconds);
  return 0;
}

}  // namespace
}  // namespace observatory::demo

int main(int argc, char** argv) {
  using namespace observatory::demo;
  try {
    const Options options = parse_options(std::vector<std::string>(argv + 1, argv + argc));
    if (options.help) {
      std::fputs(usage(), stdout);
      return 0;
    }
    return serve(options);
  } catch (const std::invalid_argument& error) {
    std::fprintf(stderr, "demo-network: %s\nTry demo-network --help.\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "demo-network: %s\n", error.what());
    return 1;
  }
}
