// SPDX-License-Identifier: MIT
#include "targets/observatory/read/server_list.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/ip_text.h"
#include "core/base/number.h"
#include "targets/observatory/read/byte_source.h"
#include "targets/observatory/show/display_text.h"

namespace observatory::host {
namespace {

constexpr std::size_t kLongestList = std::size_t{4} << 20;  // Electrum's has some 20 KB
constexpr std::size_t kMostProblems = 5;
constexpr std::size_t kLongestHost = 255;
constexpr std::uint16_t kDefaultTcp = 50001;
constexpr std::uint16_t kDefaultTls = 50002;
constexpr std::string_view kBlanks = " \t\r";
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// What is wrong with a line or a server, in words.
class BadEntry : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

std::string read_whole(ByteSource& source) {
  std::string content;
  std::vector<std::uint8_t> piece(std::size_t{64} << 10);
  while (const std::size_t count = source.read(piece)) {
    content += as_text(ByteView(piece).first(count));
    if (content.size() > kLongestList) {
      throw InputError(source.name() + ": longer than a list of servers can be (4 MiB)");
    }
  }
  if (source.ending() != ByteSource::Ending::kWhole) {
    throw InputError(source.name() + ": the packed file is not whole");
  }
  return content;
}

// As probes write hosts into records, in lower case (core/run/endpoint.h), so that both meet.
std::string read_host(std::string_view text) {
  if (text.size() > 1 && text.front() == '[' && text.back() == ']') {
    text = text.substr(1, text.size() - 2);
  }
  IpAddress ip;
  const bool is_address = read_ip(text, ip);
  std::string host(text);
  for (char& c : host) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const bool good = is_address || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
                      c == '_' || c == '.';
    if (!good) throw BadEntry("no host name: " + harmless(fitted(text, 60)));
  }
  if (host.empty() || host.size() > kLongestHost || host.front() == '.' ||
      host.find("..") != std::string::npos) {
    throw BadEntry("no host name: " + harmless(fitted(text, 60)));
  }
  return host;
}

std::uint16_t read_port(std::string_view digits) {
  std::uint64_t port = 0;
  if (!read_unsigned(digits, port, 0xffff) || port == 0) {
    throw BadEntry("no port from 1 to 65535: " + harmless(fitted(digits, 20)));
  }
  return static_cast<std::uint16_t>(port);
}

Transport read_transport(std::string_view letter) {
  if (letter == "t") return Transport::kTcp;
  if (letter == "s") return Transport::kTls;
  throw BadEntry("neither t (TCP) nor s (TLS): " + harmless(fitted(letter, 20)));
}

std::uint16_t default_port(Transport transport) {
  return transport == Transport::kTcp ? kDefaultTcp : kDefaultTls;
}

std::string_view take_word(std::string_view& rest) {
  rest.remove_prefix(std::min(rest.find_first_not_of(kBlanks), rest.size()));
  const std::string_view word = rest.substr(0, rest.find_first_of(kBlanks));
  rest.remove_prefix(word.size());
  return word;
}

// `host:port:t`, or a host alone.
void read_single(std::string_view text, std::vector<ListedEndpoint>& into) {
  const std::size_t last = text.rfind(':');
  const std::string_view letter =
      last == std::string_view::npos ? std::string_view() : text.substr(last + 1);
  if (letter == "t" || letter == "s") {
    const std::string_view rest = text.substr(0, last);
    const std::size_t before = std::min(rest.rfind(':'), rest.size());
    const std::uint16_t port = read_port(before < rest.size() ? rest.substr(before + 1) : "");
    into.push_back({read_host(rest.substr(0, before)), port, read_transport(letter)});
    return;
  }
  const std::string host = read_host(text);
  into.push_back({host, kDefaultTcp, Transport::kTcp});
  into.push_back({host, kDefaultTls, Transport::kTls});
}

void read_line(std::string_view line, std::vector<ListedEndpoint>& into) {
  line = line.substr(0, line.find('#'));
  const std::string_view first = take_word(line);
  if (first.empty()) return;
  std::string_view word = take_word(line);
  if (word.empty()) return read_single(first, into);
  const std::string host = read_host(first);
  for (; !word.empty(); word = take_word(line)) {
    const Transport transport = read_transport(word.substr(0, 1));
    const std::uint16_t port =
        word.size() == 1 ? default_port(transport) : read_port(word.substr(1));
    into.push_back({host, port, transport});
  }
}

void read_member(const std::string& name, const nlohmann::ordered_json& ports,
                 std::vector<ListedEndpoint>& into) {
  const std::string host = read_host(name);
  if (!ports.is_object()) throw BadEntry("no ports of " + harmless(host));
  for (const Transport transport : {Transport::kTcp, Transport::kTls}) {
    const auto port = ports.find(transport == Transport::kTcp ? "t" : "s");
    if (port == ports.end() || port->is_null()) continue;
    if (!port->is_string() && !port->is_number_unsigned()) {
      throw BadEntry("no ports of " + harmless(host));
    }
    into.push_back(
        {host, read_port(port->is_string() ? port->get<std::string>() : port->dump()), transport});
  }
}

// Reads one entry into the list; what is wrong costs that entry alone.
template <typename Read>
void read_entry(ServerList& list, const std::string& place, Read read) {
  std::vector<ListedEndpoint> endpoints;
  try {
    read(endpoints);
    list.endpoints.insert(list.endpoints.end(), endpoints.begin(), endpoints.end());
  } catch (const BadEntry& bad) {
    if (++list.refused <= kMostProblems) list.problems.push_back(place + bad.what());
  }
}

}  // namespace

ServerList read_server_list(const std::string& path) {
  ByteSource source(path);
  const std::string content = read_whole(source);
  std::string_view rest = content;
  if (rest.substr(0, kByteOrderMark.size()) == kByteOrderMark) {
    rest.remove_prefix(kByteOrderMark.size());
  }
  ServerList list;
  const std::size_t first = rest.find_first_not_of(" \t\r\n");
  if (first != std::string_view::npos && rest[first] == '{') {
    const auto servers = nlohmann::ordered_json::parse(rest, nullptr, false);
    if (!servers.is_object()) throw InputError(source.name() + ": begins as JSON and is none");
    for (const auto& [name, ports] : servers.items()) {
      read_entry(list, source.name() + ": ",
                 [&name = name, &ports = ports](auto& into) { read_member(name, ports, into); });
    }
    return list;
  }
  for (std::uint64_t number = 1; !rest.empty(); ++number) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    read_entry(list, source.name() + ": line " + std::to_string(number) + ": ",
               [&](auto& into) { read_line(line, into); });
  }
  return list;
}

}  // namespace observatory::host
