// SPDX-License-Identifier: MIT
#include "targets/observatory/snapshot/servers.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "targets/observatory/snapshot/addresses.h"
#include "targets/observatory/snapshot/union_find.h"

namespace observatory::host {
namespace {

constexpr const char* kByName = "name";
constexpr const char* kByAddress = "address";
constexpr const char* kByHosts = "hosts";

struct Join {
  std::uint32_t endpoint = 0;
  const char* rule = nullptr;
};

class Joiner {
 public:
  explicit Joiner(const std::vector<EndpointView>& endpoints)
      : endpoints_(endpoints), groups_(endpoints.size()) {
    join_names();
    join_addresses();
    join_hosts();
  }

  std::uint32_t head(std::uint32_t endpoint) { return groups_.head(endpoint); }
  const std::vector<Join>& joins() const { return joins_; }

 private:
  // What a host as a whole says and shows.
  struct Host {
    std::uint32_t endpoint = 0;
    std::set<std::string> names;  // other hosts that it says it is
    std::set<std::string> keys;
  };

  void join(std::uint32_t one, std::uint32_t other, const char* rule) {
    groups_.join(one, other);
    joins_.push_back({one, rule});
  }

  void join_names();
  void join_addresses();
  void join_hosts();
  std::map<std::string, Host> hosts() const;

  const std::vector<EndpointView>& endpoints_;
  UnionFind groups_;
  std::vector<Join> joins_;
};

bool says_something(const EndpointView& view) {
  return view.facts && !(view.facts->software.empty() && view.facts->genesis_hash.empty());
}

std::string key_of(const EndpointView& view) {
  return view.certificate ? view.certificate->spki_sha256 : std::string();
}

void append(std::string& text, std::string_view part) {
  text += part;
  text += '\0';
}

// Equal for endpoints that rule S2 joins, but for the address.
std::string identity(const EndpointView& view) {
  const Facts& facts = *view.facts;
  std::string text = std::to_string(view.endpoint.port);
  append(text, view.endpoint.transport == Transport::kTls ? "s" : "t");
  append(text, key_of(view));
  for (const std::string* const part :
       {&facts.software, &facts.protocol, &facts.protocol_min, &facts.protocol_max,
        &facts.server_version, &facts.genesis_hash, &facts.hash_function, &facts.donation,
        &facts.banner_sha256}) {
    append(text, *part);
  }
  return text;
}

// Hosts as endpoints write them: in lower case, without the dot of the root.
std::string plain_host(std::string_view name) {
  if (!name.empty() && name.back() == '.') name.remove_suffix(1);
  std::string host(name);
  for (char& c : host) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return host;
}

bool have_one_in_common(const std::set<std::string>& some, const std::set<std::string>& others) {
  return std::any_of(some.begin(), some.end(),
                     [&](const std::string& one) { return others.count(one) != 0; });
}

void Joiner::join_names() {
  std::map<std::string_view, std::uint32_t> first;
  for (std::uint32_t i = 0; i < endpoints_.size(); ++i) {
    const auto [found, added] = first.try_emplace(endpoints_[i].endpoint.host, i);
    if (!added) join(found->second, i, kByName);
  }
}

void Joiner::join_addresses() {
  std::map<std::pair<std::string, std::string>, std::uint32_t> first;
  for (std::uint32_t i = 0; i < endpoints_.size(); ++i) {
    const EndpointView& view = endpoints_[i];
    if (!says_something(view)) continue;
    if (view.endpoint.transport == Transport::kTls && key_of(view).empty()) continue;
    const std::string same = identity(view);
    for (const IpAddress& address : view.addresses) {
      const auto [found, added] = first.try_emplace({address_text(address), same}, i);
      if (!added && endpoints_[found->second].endpoint.host != view.endpoint.host) {
        join(found->second, i, kByAddress);
      }
    }
  }
}

std::map<std::string, Joiner::Host> Joiner::hosts() const {
  std::map<std::string, Host> hosts;
  for (std::uint32_t i = 0; i < endpoints_.size(); ++i) {
    const EndpointView& view = endpoints_[i];
    Host& host = hosts.try_emplace(view.endpoint.host, Host{i, {}, {}}).first->second;
    if (view.facts) {
      for (const auto& [name, ports] : view.facts->hosts) host.names.insert(plain_host(name));
    }
    if (const std::string key = key_of(view); !key.empty()) host.keys.insert(key);
  }
  return hosts;
}

void Joiner::join_hosts() {
  const std::map<std::string, Host> known = hosts();
  for (const auto& [name, host] : known) {
    for (const std::string& other_name : host.names) {
      const auto other = known.find(other_name);
      if (other == known.end() || other_name == name) continue;
      const bool both_say = other->second.names.count(name) != 0;
      if (both_say || have_one_in_common(host.keys, other->second.keys)) {
        join(host.endpoint, other->second.endpoint, kByHosts);
      }
    }
  }
}

void insert_once(std::vector<std::string>& list, const std::string& value) {
  const auto place = std::lower_bound(list.begin(), list.end(), value);
  if (place == list.end() || *place != value) list.insert(place, value);
}

void insert_once(std::vector<IpAddress>& list, const IpAddress& value) {
  const auto place = std::lower_bound(list.begin(), list.end(), value, is_before);
  if (place == list.end() || *place != value) list.insert(place, value);
}

void add_endpoint(Server& server, std::uint32_t number, const EndpointView& view) {
  const std::string& host = view.endpoint.host;
  if (server.endpoints.empty() || is_better_name(host, server.name)) server.name = host;
  server.endpoints.push_back(number);
  for (const IpAddress& address : view.addresses) insert_once(server.addresses, address);
  server.onion = server.onion || is_onion(host);
  if (view.facts && !view.facts->software.empty()) {
    insert_once(server.software, view.facts->software);
  }
}

}  // namespace

std::vector<Server> join_servers(std::vector<EndpointView>& endpoints) {
  Joiner joiner(endpoints);
  std::map<std::uint32_t, Server> by_head;
  for (std::uint32_t i = 0; i < endpoints.size(); ++i) {
    add_endpoint(by_head[joiner.head(i)], i, endpoints[i]);
  }
  for (const Join& join : joiner.joins()) {
    insert_once(by_head[joiner.head(join.endpoint)].joined_by, join.rule);
  }

  std::vector<Server> servers;
  servers.reserve(by_head.size());
  for (auto& [head, server] : by_head) {
    server.onion = server.onion && server.addresses.empty();
    servers.push_back(std::move(server));
  }
  std::sort(servers.begin(), servers.end(),
            [](const Server& one, const Server& other) { return one.name < other.name; });
  for (std::uint32_t i = 0; i < servers.size(); ++i) {
    for (const std::uint32_t endpoint : servers[i].endpoints) endpoints[endpoint].server = i;
  }
  return servers;
}

}  // namespace observatory::host
