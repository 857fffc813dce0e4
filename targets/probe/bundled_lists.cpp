// SPDX-License-Identifier: MIT
#include "targets/probe/bundled_lists.h"

namespace observatory {
namespace {

constexpr BundledList kLists[] = {
#include "bundled_lists.inc"
};

}  // namespace

std::span<const BundledList> bundled_lists() { return kLists; }

DefaultPorts default_ports(std::string_view chain) {
  if (chain.empty() || chain == "bitcoin") return {};
  return {51001, 51002};
}

}  // namespace observatory
