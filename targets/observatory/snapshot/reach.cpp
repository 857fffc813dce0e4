// SPDX-License-Identifier: MIT
#include "targets/observatory/snapshot/reach.h"

#include <algorithm>

namespace observatory::host {
namespace {

constexpr std::uint64_t kFewest = 5;  // endpoints tried, below which nothing is suspected

}  // namespace

bool EndpointView::tried() const {
  return std::any_of(sights.begin(), sights.end(),
                     [](const auto& one) { return one.second.tried > 0; });
}

bool EndpointView::reached() const {
  return std::any_of(sights.begin(), sights.end(),
                     [](const auto& one) { return one.second.reached > 0; });
}

void count_reach(const std::vector<EndpointView>& endpoints, std::vector<VantageView>& vantages) {
  for (VantageView& one : vantages) one.tried = one.reached = 0;
  for (const EndpointView& view : endpoints) {
    for (const auto& [vantage, sight] : view.sights) {
      if (sight.tried > 0) ++vantages[vantage].tried;
      if (sight.reached > 0) ++vantages[vantage].reached;
    }
  }
}

void suspect_vantages(const std::vector<EndpointView>& endpoints,
                      std::vector<VantageView>& vantages) {
  count_reach(endpoints, vantages);
  std::vector<std::uint64_t> reached_by_others(vantages.size());
  for (const EndpointView& view : endpoints) {
    const auto reaching = std::count_if(view.sights.begin(), view.sights.end(),
                                        [](const auto& one) { return one.second.reached > 0; });
    for (const auto& [vantage, sight] : view.sights) {
      if (sight.tried > 0 && reaching > (sight.reached > 0 ? 1 : 0)) ++reached_by_others[vantage];
    }
  }
  for (std::size_t i = 0; i < vantages.size(); ++i) {
    VantageView& one = vantages[i];
    one.suspect = one.tried >= kFewest && one.reached * 5 < one.tried &&
                  reached_by_others[i] * 2 >= one.tried;
  }
}

void count_reach(const std::vector<VantageView>& vantages, std::vector<Server>& servers) {
  for (Server& server : servers) {
    std::uint32_t tried = 0;
    std::uint32_t reached = 0;
    for (const auto& [vantage, sight] : server.sights) {
      if (sight.tried == 0) continue;
      server.tried = true;
      server.reached_any = server.reached_any || sight.reached > 0;
      if (vantages[vantage].suspect) continue;
      ++tried;
      if (sight.reached > 0) ++reached;
    }
    server.reached_majority = reached * 2 > tried;
    server.reached_all = tried > 0 && reached == tried;
  }
}

}  // namespace observatory::host
