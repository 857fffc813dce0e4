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

void WriteFile(const std::string& path, const std::string& text) {
  if (path.empty()) return;
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (!file) throw std::runtime_error("cannot write " + path);
}

Endpoint MakeEndpoint(const Server& server, bool tls, const Options& options) {
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
  endpoint.converse = [&server, behaviour] { return MakeConversation(behaviour, server.persona); };
  return endpoint;
}

int Serve(const Options& options) {
  const Chains chains(options.seed);
  CertificateMaker certificates(options.seed, std::time(nullptr));
  const std::vector<Server> servers = MakeServers(options, chains, &certificates);
  Network network;
  int endpoints = 0;
  for (const Server& server : servers) {
    for (const bool tls : {false, true}) {
      if ((tls ? server.persona.tls_port : server.persona.tcp_port) == 0) continue;
      network.Add(MakeEndpoint(server, tls, options));
      ++endpoints;
    }
  }
  WriteFile(options.list_path, ListText(servers));
  WriteFile(options.truth_path, TruthText(servers));
  WriteFile(options.ca_path, certificates.CaPem());
  std::printf("demo network: %zu servers, %d endpoints, seed %llu\n", servers.size(), endpoints,
              static_cast<unsigned long long>(options.seed));
  std::fflush(stdout);
  network.Run(options.seconds);
  return 0;
}

}  // namespace
}  // namespace observatory::demo

int main(int argc, char** argv) {
  using namespace observatory::demo;
  try {
    const Options options = ParseOptions(std::vector<std::string>(argv + 1, argv + argc));
    if (options.help) {
      std::fputs(Usage(), stdout);
      return 0;
    }
    return Serve(options);
  } catch (const std::invalid_argument& error) {
    std::fprintf(stderr, "demo-network: %s\nTry demo-network --help.\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "demo-network: %s\n", error.what());
    return 1;
  }
}
