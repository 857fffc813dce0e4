// SPDX-License-Identifier: MIT
#include "targets/observatory/snapshot/operators.h"

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

constexpr std::size_t kMostNamed = 8;  // servers in one line of evidence

// Servers by the value that they share.
using Sharers = std::map<std::string, std::set<std::uint32_t>>;

struct Evidence {
  std::uint32_t server = 0;  // one of those it joins
  std::string words;
};

std::string listed(const std::set<std::uint32_t>& sharers, const std::vector<Server>& servers) {
  std::string text;
  std::size_t named = 0;
  for (const std::uint32_t server : sharers) {
    if (named == kMostNamed) break;
    text += named++ == 0 ? "" : ", ";
    text += servers[server].name;
  }
  if (sharers.size() > named) text += " and " + std::to_string(sharers.size() - named) + " more";
  return text;
}

class Finder {
 public:
  Finder(const std::vector<EndpointView>& endpoints, const std::vector<Server>& servers,
         const Enricher& enricher)
      : endpoints_(endpoints), servers_(servers), enricher_(enricher), groups_(servers.size()) {
    for (std::uint32_t i = 0; i < servers.size(); ++i) collect(i);
    join(certificates_, "the same certificate, SHA-256 ");
    join(keys_, "the same key, SHA-256 ");
    join(donations_, "the same donation address ");
    join(annotated_, "annotated as operated by ");
  }

  std::uint32_t head(std::uint32_t server) { return groups_.head(server); }
  const std::vector<Evidence>& evidence() const { return evidence_; }
  const Sharers& annotated() const { return annotated_; }

 private:
  void collect(std::uint32_t server);
  void collect_annotation(const std::string& key, std::uint32_t server);
  void join(const Sharers& values, std::string_view words);

  const std::vector<EndpointView>& endpoints_;
  const std::vector<Server>& servers_;
  const Enricher& enricher_;
  UnionFind groups_;
  std::vector<Evidence> evidence_;
  Sharers certificates_;
  Sharers keys_;
  Sharers donations_;
  Sharers annotated_;
};

void Finder::collect(std::uint32_t server) {
  for (const std::uint32_t endpoint : servers_[server].endpoints) {
    const EndpointView& view = endpoints_[endpoint];
    collect_annotation(view.endpoint.host, server);
    if (view.facts && looks_like_donation(view.facts->donation)) {
      donations_[view.facts->donation].insert(server);
    }
    if (!view.certificate) continue;
    collect_annotation(view.certificate->sha256, server);
    if (!view.certificate->sha256.empty()) certificates_[view.certificate->sha256].insert(server);
    if (!view.certificate->spki_sha256.empty()) keys_[view.certificate->spki_sha256].insert(server);
  }
  for (const IpAddress& address : servers_[server].addresses) {
    collect_annotation(address_text(address), server);
  }
}

void Finder::collect_annotation(const std::string& key, std::uint32_t server) {
  const std::string_view name = enricher_.annotation(key, "operator");
  if (!name.empty()) annotated_[std::string(name)].insert(server);
}

void Finder::join(const Sharers& values, std::string_view words) {
  for (const auto& [value, sharers] : values) {
    if (sharers.size() < 2) continue;
    const std::uint32_t first = *sharers.begin();
    for (const std::uint32_t other : sharers) groups_.join(first, other);
    evidence_.push_back({first, std::string(words) + value + ": " + listed(sharers, servers_)});
  }
}

}  // namespace

bool looks_like_donation(std::string_view text) {
  return text.size() >= 26 && text.size() <= 90 &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
         });
}

std::vector<Operator> find_operators(const std::vector<EndpointView>& endpoints,
                                     std::vector<Server>& servers, const Enricher& enricher) {
  Finder finder(endpoints, servers, enricher);
  std::map<std::uint32_t, Operator> by_head;
  for (std::uint32_t i = 0; i < servers.size(); ++i) {
    Operator& one = by_head[finder.head(i)];
    if (one.servers.empty() || is_better_name(servers[i].name, one.name)) {
      one.name = servers[i].name;
    }
    one.servers.push_back(i);
  }
  for (const Evidence& evidence : finder.evidence()) {
    by_head[finder.head(evidence.server)].evidence.push_back(evidence.words);
  }
  for (const auto& [name, annotated] : finder.annotated()) {
    Operator& one = by_head[finder.head(*annotated.begin())];
    if (!one.annotated) one.name = name;
    one.annotated = true;
  }

  std::vector<Operator> operators;
  operators.reserve(by_head.size());
  for (auto& [head, one] : by_head) operators.push_back(std::move(one));
  std::stable_sort(
      operators.begin(), operators.end(),
      [](const Operator& one, const Operator& other) { return one.name < other.name; });
  for (std::uint32_t i = 0; i < operators.size(); ++i) {
    for (const std::uint32_t server : operators[i].servers) servers[server].operated_by = i;
  }
  return operators;
}

}  // namespace observatory::host
