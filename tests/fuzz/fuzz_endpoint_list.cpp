// SPDX-License-Identifier: MIT
// Endpoint lists and arguments. The input is a list, a line an endpoint.
//
// What was read can be written in the plainest form and read again; a line with a problem gives
// nothing.
#include <memory>

#include "core/base/ip_text.h"
#include "core/run/endpoint_list.h"
#include "tests/fuzz/fuzz.h"

namespace observatory::fuzz {
namespace {

constexpr DefaultPorts kPorts;

void try_ip(std::string_view text) {
  IpAddress ip;
  if (!read_ip(text, ip)) return;
  StringSink written;
  put_ip(ip, written);
  require(written.text.size() <= kLongestIpText, "an address is short");
  IpAddress again;
  require(read_ip(written.text, again) && again == ip, "an address can be read again");
}

bool same(const Endpoint& a, const Endpoint& b) {
  return a.host == b.host.view() && a.port == b.port && a.transport == b.transport;
}

void try_endpoint(const Endpoint& endpoint) {
  const std::string_view host = endpoint.host.view();
  require(!host.empty() && endpoint.port != 0, "an endpoint has a host and a port");
  require(std::none_of(host.begin(), host.end(),
                       [](char c) {
                         const auto byte = static_cast<unsigned char>(c);
                         return byte <= ' ' || byte >= 0x7f || (c >= 'A' && c <= 'Z');
                       }),
          "a host is plain and in lower case");
  try_ip(host);

  const bool tls = endpoint.transport == Transport::kTls;
  const std::string port = std::to_string(endpoint.port);
  EndpointLine again;
  const std::string line = std::string(host) + (tls ? " s" : " t") + port;
  read_endpoint_line(line, kPorts, again);
  require(again.count == 1 && same(again.endpoints[0], endpoint), "a line can be read again");
  const bool v6 = host.find(':') != host.npos;
  const std::string argument =
      (v6 ? "[" + std::string(host) + "]" : std::string(host)) + ":" + port + (tls ? ":s" : ":t");
  read_endpoint_argument(argument, kPorts, again);
  require(again.count == 1 && same(again.endpoints[0], endpoint), "an argument can be read again");
}

void try_line(const EndpointLine& line, SeenEndpoints& seen) {
  require(line.count <= kMostPerLine, "a line names no more than it may");
  require(line.problem.empty() || line.count == 0, "a line with a problem gives nothing");
  for (std::size_t i = 0; i < line.count; ++i) {
    try_endpoint(line.endpoints[i]);
    seen.seen(line.endpoints[i]);
    require(seen.seen(line.endpoints[i]), "an endpoint is remembered");
  }
}

}  // namespace
}  // namespace observatory::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace observatory;
  const auto seen = std::make_unique<SeenEndpoints>();
  seen->start(ByteView(data, std::min<std::size_t>(size, 8)));
  std::string_view rest = as_text(ByteView(data, size));
  while (!rest.empty()) {
    const std::string_view text = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), text.size() + 1));
    // A copy of exactly its size, so that the sanitizers see every byte beyond.
    const std::vector<char> exact(text.begin(), text.end());
    EndpointLine line;
    read_endpoint_line({exact.data(), exact.size()}, fuzz::kPorts, line);
    fuzz::try_line(line, *seen);
    read_endpoint_argument({exact.data(), exact.size()}, fuzz::kPorts, line);
    fuzz::try_line(line, *seen);
  }
  return 0;
}
