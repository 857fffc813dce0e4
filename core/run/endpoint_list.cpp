// SPDX-License-Identifier: MIT
#include "core/run/endpoint_list.h"

#include "core/base/byte_reader.h"

namespace observatory {
namespace {

constexpr std::string_view kBlanks = " \t\r";

// Takes the word that `rest` starts with; empty at the end.
std::string_view take_word(std::string_view& rest) {
  const std::size_t start = rest.find_first_not_of(kBlanks);
  if (start == std::string_view::npos) return rest = {};
  rest.remove_prefix(start);
  const std::size_t end = rest.find_first_of(kBlanks);
  const std::string_view word = rest.substr(0, end);
  rest.remove_prefix(word.size());
  return word;
}

void fail(EndpointLine& line, std::string_view problem) {
  line.count = 0;
  line.problem = problem;
}

// True when the endpoint was added; a problem is set otherwise.
bool add(EndpointLine& line, const FixedString<limits::kHost>& host, std::uint16_t port,
         Transport transport) {
  if (line.count == line.endpoints.size()) {
    fail(line, "more than 8 ports");
    return false;
  }
  line.endpoints[line.count++] = {host, port, transport};
  return true;
}

bool read_transport(std::string_view text, Transport& transport) {
  if (text == "t") transport = Transport::kTcp;
  if (text == "s") transport = Transport::kTls;
  return text == "t" || text == "s";
}

// A word behind the host: `t50001`, `s50002`, `t` or `s`.
bool add_port_word(std::string_view word, const DefaultPorts& ports,
                   const FixedString<limits::kHost>& host, EndpointLine& into) {
  Transport transport;
  if (!read_transport(word.substr(0, 1), transport)) {
    fail(into, "a word that is not tPORT or sPORT");
    return false;
  }
  std::uint16_t port = transport == Transport::kTcp ? ports.tcp : ports.tls;
  if (word.size() > 1 && !read_port(word.substr(1), port)) {
    fail(into, "a port that is not from 1 to 65535");
    return false;
  }
  return add(into, host, port, transport);
}

// FNV-1a.
constexpr std::uint64_t kStart = 0xcbf29ce484222325;

std::uint64_t mix(std::uint64_t hash, ByteView bytes) {
  for (const std::uint8_t byte : bytes) hash = (hash ^ byte) * 0x100000001b3;
  return hash;
}

}  // namespace

void read_endpoint_argument(std::string_view text, const DefaultPorts& ports, EndpointLine& into) {
  into.count = 0;
  into.problem = {};
  FixedString<limits::kHost> host;
  // What looks like an IPv6 address is one: "::1", never a host with ports of its own.
  const std::size_t last = text.rfind(':');
  const std::size_t before = last == std::string_view::npos || last == 0
                                 ? std::string_view::npos
                                 : text.rfind(':', last - 1);
  Transport transport;
  if (before != std::string_view::npos && read_transport(text.substr(last + 1), transport)) {
    std::uint16_t port = 0;
    if (!read_port(text.substr(before + 1, last - before - 1), port)) {
      return fail(into, "a port that is not from 1 to 65535");
    }
    const std::string_view problem = read_host(text.substr(0, before), host);
    if (!problem.empty()) return fail(into, problem);
    add(into, host, port, transport);
    return;
  }
  if (before == std::string_view::npos && last != std::string_view::npos) {
    return fail(into, "neither host:port:t nor host:port:s");
  }
  const std::string_view problem = read_host(text, host);
  if (!problem.empty()) {
    const bool ports_given =
        before != std::string_view::npos && text.front() != '[' && text.find(':') == before;
    return fail(into, ports_given ? "neither host:port:t nor host:port:s" : problem);
  }
  if (add(into, host, ports.tcp, Transport::kTcp)) add(into, host, ports.tls, Transport::kTls);
}

void read_endpoint_line(std::string_view line, const DefaultPorts& ports, EndpointLine& into) {
  into.count = 0;
  into.problem = {};
  line = line.substr(0, line.find('#'));
  const std::string_view first = take_word(line);
  if (first.empty()) return;
  std::string_view word = take_word(line);
  if (word.empty()) return read_endpoint_argument(first, ports, into);

  FixedString<limits::kHost> host;
  const std::string_view problem = read_host(first, host);
  if (!problem.empty()) return fail(into, problem);
  for (; !word.empty(); word = take_word(line)) {
    if (!add_port_word(word, ports, host, into)) return;
  }
}

void SeenEndpoints::start(ByteView key) {
  key_ = ByteReader(key).take_unsigned(8);
  count_ = 0;
  hashes_.fill(0);
}

bool SeenEndpoints::seen(const Endpoint& endpoint) {
  std::uint64_t& place = hashes_[place_of(endpoint)];
  if (place != 0) return true;
  if (!full()) {
    place = hash_of(endpoint);
    ++count_;
  }
  return false;
}

std::uint32_t SeenEndpoints::hash_of(std::string_view host) const {
  const std::uint64_t hash = mix(kStart ^ key_, as_bytes(host));
  return static_cast<std::uint32_t>(hash ^ hash >> 32);
}

std::uint64_t SeenEndpoints::hash_of(const Endpoint& endpoint) const {
  const std::uint8_t rest[] = {0, static_cast<std::uint8_t>(endpoint.port >> 8),
                               static_cast<std::uint8_t>(endpoint.port & 0xff),
                               static_cast<std::uint8_t>(endpoint.transport)};
  const std::uint64_t hash = mix(mix(kStart ^ key_, as_bytes(endpoint.host.view())), rest);
  return hash == 0 ? 1 : hash;
}

std::size_t SeenEndpoints::place_of(const Endpoint& endpoint) const {
  const std::uint64_t hash = hash_of(endpoint);
  std::size_t place = static_cast<std::size_t>((hash ^ hash >> 32) % kPlaces);
  while (hashes_[place] != 0 && hashes_[place] != hash) place = (place + 1) % kPlaces;
  return place;
}

}  // namespace observatory
