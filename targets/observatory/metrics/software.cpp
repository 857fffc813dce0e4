// SPDX-License-Identifier: MIT
#include <set>

#include "targets/observatory/metrics/groups.h"

namespace observatory::host {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Whether a version begins with `text`: "1.4", "v1.4".
bool begins_version(std::string_view text) {
  if (!text.empty() && text.front() == 'v') text.remove_prefix(1);
  return !text.empty() && is_digit(text.front());
}

// The claim without its version: "electrs" of "electrs/0.10.5".
std::string implementation_of(std::string_view claim) {
  for (std::size_t i = 1; i < claim.size(); ++i) {
    const bool parts = claim[i] == '/' || claim[i] == ' ' || claim[i] == '-' || claim[i] == '_';
    if (parts && begins_version(claim.substr(i + 1))) return std::string(claim.substr(0, i));
  }
  return std::string(claim);
}

}  // namespace

Json software_of(const Snapshot& snapshot) {
  Counts implementations;
  Counts versions;
  std::uint64_t silent = 0;
  Json several = Json::array();
  for (const Server& server : snapshot.servers) {
    if (server.software.empty()) ++silent;
    if (server.software.size() > 1) {
      several.push_back({{"server", server.name}, {"claims", server.software}});
    }
    std::set<std::string> names;
    for (const std::string& claim : server.software) {
      ++versions[claim];
      names.insert(implementation_of(claim));
    }
    for (const std::string& name : names) ++implementations[name];
  }
  const std::uint64_t whole = snapshot.servers.size();
  Json json;
  json["implementation"] = list_of(implementations, whole);
  json["version"] = list_of(versions, whole);
  json["several"] = std::move(several);
  json["silent"] = silent;
  json["observed"] = Json::array();
  json["verdict"] = {
      {"confirmed", 0}, {"modified", 0}, {"spoofed", 0}, {"unknown", 0}, {"unjudged", whole}};
  return json;
}

}  // namespace observatory::host
