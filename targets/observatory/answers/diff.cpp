// SPDX-License-Identifier: MIT
#include "targets/observatory/answers/diff.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>

#include "targets/observatory/answers/facts_text.h"
#include "targets/observatory/snapshot/addresses.h"

namespace observatory::host {
namespace {

constexpr std::array<std::string_view, kDifferences> kNames = {"came",     "went",    "certificate",
                                                               "software", "address", "provider"};

using EndpointKey = std::tuple<std::string, std::uint16_t, Transport>;

EndpointKey key_of(const Endpoint& endpoint) {
  return {endpoint.host, endpoint.port, endpoint.transport};
}

std::vector<std::string> texts_of(const std::vector<IpAddress>& addresses) {
  std::vector<std::string> texts;
  texts.reserve(addresses.size());
  for (const IpAddress& address : addresses) texts.push_back(address_text(address));
  return texts;
}

// Finds the server of one snapshot that a server of another is.
class Index {
 public:
  explicit Index(const Snapshot& snapshot) {
    // Backwards, so that the first by name is the one that stays.
    for (auto server = snapshot.servers.rbegin(); server != snapshot.servers.rend(); ++server) {
      for (const std::uint32_t endpoint : server->endpoints) {
        by_host_[snapshot.endpoints[endpoint].endpoint.host] = &*server;
      }
      for (const std::string& address : texts_of(server->addresses))
        by_address_[address] = &*server;
    }
  }

  const Server* find(const Snapshot& other, const Server& server) const {
    const Server* found = nullptr;
    const auto take = [&](const std::map<std::string, const Server*>& index,
                          const std::string& key) {
      const auto entry = index.find(key);
      if (entry == index.end()) return;
      if (found == nullptr || entry->second->name < found->name) found = entry->second;
    };
    take(by_host_, server.name);
    if (found != nullptr) return found;
    for (const std::uint32_t endpoint : server.endpoints) {
      take(by_host_, other.endpoints[endpoint].endpoint.host);
    }
    if (found != nullptr) return found;
    for (const std::string& address : texts_of(server.addresses)) take(by_address_, address);
    return found;
  }

 private:
  std::map<std::string, const Server*> by_host_;
  std::map<std::string, const Server*> by_address_;
};

// What there is to know of a server's being there: how visits of its endpoints ended.
std::vector<std::string> presence(const Snapshot& snapshot, const Server* server) {
  std::array<std::uint64_t, 32> sums{};
  if (server != nullptr) {
    for (const std::uint32_t endpoint : server->endpoints) {
      const auto& outcomes = snapshot.endpoints[endpoint].outcomes;
      for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += outcomes[i];
    }
  }
  std::vector<std::string> texts = outcomes_text(sums);
  if (texts.empty()) texts.emplace_back("not tried");
  return texts;
}

std::map<EndpointKey, const Certificate*> certificates_of(const Snapshot& snapshot,
                                                          const Server& server) {
  std::map<EndpointKey, const Certificate*> certificates;
  for (const std::uint32_t endpoint : server.endpoints) {
    const EndpointView& view = snapshot.endpoints[endpoint];
    if (view.certificate) certificates[key_of(view.endpoint)] = &*view.certificate;
  }
  return certificates;
}

std::vector<std::string> texts_of(const Certificate& certificate, bool same_key) {
  std::vector<std::string> texts = {certificate.sha256, certificate.subject};
  if (same_key) texts.emplace_back("same key");
  return texts;
}

void compare_certificates(const Snapshot& first, const Server& before, const Snapshot& second,
                          const Server& after, std::vector<Change>& changes) {
  const auto old_ones = certificates_of(first, before);
  for (const auto& [key, certificate] : certificates_of(second, after)) {
    const auto old_one = old_ones.find(key);
    if (old_one == old_ones.end() || old_one->second->sha256 == certificate->sha256) continue;
    const bool same_key = !certificate->spki_sha256.empty() &&
                          old_one->second->spki_sha256 == certificate->spki_sha256;
    changes.push_back({after.name, Difference::kCertificate,
                       endpoint_text({std::get<0>(key), std::get<1>(key), std::get<2>(key)}),
                       texts_of(*old_one->second, false), texts_of(*certificate, same_key)});
  }
}

// Both sides, where they know something and it is not the same.
void compare(const Server& after, Difference difference, const std::vector<std::string>& known,
             const std::vector<std::string>& now, std::vector<Change>& changes) {
  if (known.empty() || now.empty() || known == now) return;
  changes.push_back({after.name, difference, "", known, now});
}

std::vector<std::string> provider_of(const Server& server) {
  const std::string provider = provider_text(*server.place);
  return provider == "unknown" ? std::vector<std::string>() : std::vector<std::string>{provider};
}

void compare_servers(const Snapshot& first, const Server& before, const Snapshot& second,
                     const Server& after, std::vector<Change>& changes) {
  if (before.reached_any != after.reached_any) {
    changes.push_back({after.name, after.reached_any ? Difference::kCame : Difference::kWent, "",
                       presence(first, &before), presence(second, &after)});
  }
  compare_certificates(first, before, second, after, changes);
  compare(after, Difference::kSoftware, before.software, after.software, changes);
  compare(after, Difference::kAddress, texts_of(before.addresses), texts_of(after.addresses),
          changes);
  compare(after, Difference::kProvider, provider_of(before), provider_of(after), changes);
}

}  // namespace

std::string_view difference_name(Difference difference) {
  return kNames[static_cast<std::size_t>(difference)];
}

std::vector<Change> diff(const Snapshot& first, const Snapshot& second) {
  const Index index(first);
  std::set<const Server*> met;
  std::vector<Change> changes;
  for (const Server& after : second.servers) {
    const Server* const before = index.find(second, after);
    if (before != nullptr) {
      met.insert(before);
      compare_servers(first, *before, second, after, changes);
    } else if (after.reached_any) {
      changes.push_back(
          {after.name, Difference::kCame, "", presence(first, nullptr), presence(second, &after)});
    }
  }
  const Index now(second);
  for (const Server& before : first.servers) {
    if (met.count(&before) > 0 || !before.reached_any) continue;
    // It may be a part of one that was compared with another.
    const Server* const after = now.find(first, before);
    if (after != nullptr && after->reached_any) continue;
    changes.push_back(
        {before.name, Difference::kWent, "", presence(first, &before), presence(second, after)});
  }
  std::stable_sort(changes.begin(), changes.end(), [](const Change& a, const Change& b) {
    return std::tie(a.server, a.difference, a.endpoint) <
           std::tie(b.server, b.difference, b.endpoint);
  });
  return changes;
}

Sheet change_sheet(const std::vector<Change>& changes) {
  Sheet sheet{{{"server", "server"},
               {"change", "change"},
               {"endpoint", "endpoint"},
               {"before", "before"},
               {"after", "after"}},
              {}};
  for (const Change& change : changes) {
    sheet.rows.push_back({change.server, difference_name(change.difference),
                          cell_of(change.endpoint), change.before, change.after});
  }
  return sheet;
}

}  // namespace observatory::host
