// SPDX-License-Identifier: MIT
// How evenly servers are spread over groups (providers, networks, countries, operators, ...).
//
// p_i is the share of group i: n_i servers of n, for the `groups` groups that have any. No figure
// says everything: read `groups`, `effective_entropy` and `effective` as one series, the Hill
// numbers of order 0, 1 and 2 (Hill 1973; Jost 2006, "Entropy and diversity"), which count groups
// that matter, and give common groups more and more weight.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace observatory::host {

struct Concentration {
  std::uint64_t groups = 0;
  std::uint64_t n = 0;

  // Herfindahl-Hirschman index, sum p_i^2: the chance that two servers, drawn one after the other
  // and put back, are of one group. 1/groups to 1.
  double hhi = 0;
  // sum n_i (n_i - 1) / (n (n - 1)): the same without putting back, free of bias for small n
  // (Simpson 1949). Absent for n < 2.
  std::optional<double> hhi_unbiased;
  double effective = 0;  // 1/hhi

  double entropy = 0;              // Shannon: -sum p_i ln p_i, in nats
  double effective_entropy = 0;    // exp(entropy)
  std::optional<double> evenness;  // entropy / ln groups (Pielou 1966); absent for one group
  double theil = 0;                // ln groups - entropy

  // sum_i (2i - groups - 1) x_i / (groups n), x ascending, i from 1. Knows nothing of the number
  // of groups: two equal ones have 0 as two thousand have. Never to be shown alone.
  double gini = 0;

  // The fewest groups that together have more than a half, and more than a third, of the servers
  // (Srinivasan and Lee 2017, "Quantifying decentralization").
  std::uint64_t nakamoto_50 = 0;
  std::uint64_t nakamoto_33 = 0;

  double top1 = 0;  // share of the largest group
  double top3 = 0;  // share of the three largest
};

// Of the servers of each group, in any order; groups without servers are left out. Absent when no
// server is left. Together at most 2^64 - 1.
std::optional<Concentration> concentration(std::span<const std::uint64_t> counts);

// The figures that an interval can be given of, with their names in output. `groups` is none of
// them: no resample has more groups than were seen.
struct ConcentrationFigure {
  std::string_view name;
  std::optional<double> (*of)(const Concentration&);
};

inline constexpr std::array<ConcentrationFigure, 11> kConcentrationFigures = {{
    {"hhi", [](const Concentration& c) { return std::optional(c.hhi); }},
    {"hhi_unbiased", [](const Concentration& c) { return c.hhi_unbiased; }},
    {"effective", [](const Concentration& c) { return std::optional(c.effective); }},
    {"entropy", [](const Concentration& c) { return std::optional(c.entropy); }},
    {"effective_entropy",
     [](const Concentration& c) { return std::optional(c.effective_entropy); }},
    {"evenness", [](const Concentration& c) { return c.evenness; }},
    {"gini", [](const Concentration& c) { return std::optional(c.gini); }},
    {"nakamoto_50",
     [](const Concentration& c) { return std::optional(static_cast<double>(c.nakamoto_50)); }},
    {"nakamoto_33",
     [](const Concentration& c) { return std::optional(static_cast<double>(c.nakamoto_33)); }},
    {"top1", [](const Concentration& c) { return std::optional(c.top1); }},
    {"top3", [](const Concentration& c) { return std::optional(c.top3); }},
}};

}  // namespace observatory::host
