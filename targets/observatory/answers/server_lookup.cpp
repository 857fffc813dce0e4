// SPDX-License-Identifier: MIT
#include "targets/observatory/answers/server_lookup.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "core/base/ip_text.h"
#include "targets/observatory/answers/facts_text.h"

namespace observatory::host {
namespace {

constexpr std::size_t kLongestKey = 300;  // a name has 255 at most

std::string lowered(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

template <typename Matches>
std::vector<std::uint32_t> servers_with(const Snapshot& snapshot, Matches matches) {
  std::vector<std::uint32_t> found;
  for (std::uint32_t i = 0; i < snapshot.servers.size(); ++i) {
    if (matches(snapshot.servers[i])) found.push_back(i);
  }
  return found;
}

bool has_endpoint(const Snapshot& snapshot, const Server& server, const std::string& key) {
  return std::any_of(server.endpoints.begin(), server.endpoints.end(), [&](std::uint32_t place) {
    const Endpoint& endpoint = snapshot.endpoints[place].endpoint;
    const std::string text = endpoint_text(endpoint);
    return key == endpoint.host || key == text || key == text.substr(0, text.size() - 2);
  });
}

std::size_t distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

std::vector<std::uint32_t> servers_named(const Snapshot& snapshot, std::string_view key) {
  const std::string wanted = lowered(key);
  auto found = servers_with(snapshot, [&](const Server& server) {
    return server.name == wanted || has_endpoint(snapshot, server, wanted);
  });
  IpAddress address;
  if (!found.empty() || !read_ip(wanted, address)) return found;
  return servers_with(snapshot, [&](const Server& server) {
    return std::find(server.addresses.begin(), server.addresses.end(), address) !=
           server.addresses.end();
  });
}

std::vector<std::string> closest_names(const Snapshot& snapshot, std::string_view key,
                                       std::size_t most) {
  const std::string wanted = lowered(key.substr(0, kLongestKey));
  std::set<std::string> names;
  for (const EndpointView& view : snapshot.endpoints) names.insert(view.endpoint.host);
  std::vector<std::pair<std::size_t, std::string>> ranked;
  for (const std::string& name : names) {
    const bool part = wanted.size() >= 3 && name.find(wanted) != std::string::npos;
    const std::size_t steps = part ? 1 : distance(wanted, name);
    if (steps <= std::max<std::size_t>(2, wanted.size() / 3)) ranked.emplace_back(steps, name);
  }
  std::sort(ranked.begin(), ranked.end());
  if (ranked.size() > most) ranked.resize(most);
  std::vector<std::string> closest;
  closest.reserve(ranked.size());
  for (auto& [steps, name] : ranked) closest.push_back(std::move(name));
  return closest;
}

}  // namespace observatory::host
