// SPDX-License-Identifier: MIT
#include "targets/observatory/enrich/published_ranges.h"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <unordered_map>

#include "core/base/ip_text.h"
#include "targets/observatory/enrich/bundled_tables.h"

namespace observatory::host {
namespace {

std::uint32_t number_of(const IpAddress& address) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < 4; ++i) number = number << 8U | address.bytes[i];
  return number;
}

std::uint32_t number_of(const std::string& dotted_quad) {
  IpAddress address;
  if (!read_ip(dotted_quad, address)) throw std::logic_error("published_ranges: " + dotted_quad);
  return number_of(address);
}

}  // namespace

PublishedRanges::PublishedRanges() {
  std::unordered_map<std::string, std::size_t> known;
  const auto add = [&](const std::string& published, Provider provider) {
    known.emplace(published, providers_.size());
    providers_.push_back(std::move(provider));
    return providers_.size() - 1;
  };
  for_each_record(provider_name_lines(), [&](const std::vector<std::string>& fields) {
    add(fields.at(0), {fields.at(1), kind_with_name(fields.at(2)).value()});
  });
  ranges_.reserve(published_range_lines().size());
  for_each_record(published_range_lines(), [&](const std::vector<std::string>& fields) {
    const std::string& name = fields.at(2);
    const auto found = known.find(name);
    const std::size_t provider =
        found != known.end() ? found->second : add(name, {name, ProviderKind::kHosting});
    ranges_.push_back({number_of(fields.at(0)), number_of(fields.at(1)), provider});
  });
}

const Provider* PublishedRanges::find(const IpAddress& address) const {
  if (address.family != IpAddress::Family::kV4) return nullptr;
  const std::uint32_t number = number_of(address);
  const auto behind =
      std::upper_bound(ranges_.begin(), ranges_.end(), number,
                       [](std::uint32_t value, const Range& range) { return value < range.first; });
  if (behind == ranges_.begin()) return nullptr;
  const Range& range = *std::prev(behind);
  return number <= range.last ? &providers_[range.provider] : nullptr;
}

}  // namespace observatory::host
