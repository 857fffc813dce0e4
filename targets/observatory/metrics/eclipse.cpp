// SPDX-License-Identifier: MIT
#include "targets/observatory/metrics/eclipse.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numbers>
#include <numeric>
#include <vector>

namespace observatory::host {
namespace {

// Coefficients of x^0, x^1, ... : servers that the client is connected to.
using Polynomial = std::vector<double>;

struct Node {
  double at;
  double weight;
};

// The nodes of Gauss and Legendre between -1 and 1, as roots found by Newton's method.
template <std::size_t kNodes>
std::array<Node, kNodes> gauss_legendre() {
  std::array<Node, kNodes> nodes{};
  for (std::size_t i = 0; i < kNodes; ++i) {
    double x = std::cos(std::numbers::pi * (static_cast<double>(i) + 0.75) /
                        (static_cast<double>(kNodes) + 0.5));
    double slope = 0;
    for (int round = 0; round < 10; ++round) {
      double before = 1;
      double value = x;
      for (std::size_t degree = 2; degree <= kNodes; ++degree) {
        const auto d = static_cast<double>(degree);
        const double after = ((2 * d - 1) * x * value - (d - 1) * before) / d;
        before = value;
        value = after;
      }
      slope = static_cast<double>(kNodes) * (x * value - before) / (x * x - 1);
      x -= value / slope;
    }
    nodes[i] = {x, 2 / ((1 - x * x) * slope * slope)};
  }
  return nodes;
}

// Which picks are asked for.
enum class Asked : std::uint8_t {
  kExpected,  // any pick of the group, whatever the others are
  kAll,       // all of the group
  kNone,      // none of the group
};

// Of the next server of the bucket, behind `before` that were as asked: the probability that it is
// so, too.
double as_asked(const Bucket& bucket, Asked asked, std::uint32_t before) {
  const std::uint32_t fitting =
      asked == Asked::kAll ? bucket.of_group : bucket.servers - bucket.of_group;
  if (fitting <= before) return 0;
  return static_cast<double>(fitting - before) / static_cast<double>(bucket.servers - before);
}

// Some buckets at a time: taken[j] is the probability that j of their servers are connected, and
// rate[j] that of one more then, per time; each time with all of them as asked. Both have as many
// coefficients as there are picks: the last pick finds one less.
struct Progress {
  Polynomial taken;
  Polynomial rate;
};

Progress nothing(std::size_t picks) {
  Progress progress{Polynomial(picks), Polynomial(picks)};
  progress.taken[0] = 1;
  return progress;
}

Progress of_bucket(const Bucket& bucket, Asked asked, double u, std::size_t picks) {
  Progress progress{Polynomial(picks), Polynomial(picks)};
  const std::uint32_t most = std::min(bucket.most, bucket.servers);
  const auto servers = static_cast<double>(bucket.servers);
  const double share = static_cast<double>(bucket.of_group) / servers;
  double arrived = std::exp(servers * std::log1p(-u));  // exactly j servers, now j = 0
  double more = -std::expm1(servers * std::log1p(-u));  // more than j
  double fit = 1;                                       // the first j are as asked
  for (std::uint32_t j = 0; j < most && j < picks; ++j) {
    const double left = servers - j;
    const double rate = arrived * left / (1 - u);
    progress.taken[j] = arrived * fit;
    if (asked != Asked::kExpected) fit *= as_asked(bucket, asked, j);
    progress.rate[j] = rate * (asked == Asked::kExpected ? share : fit);
    if (j + 1 == most && most < picks) progress.taken[most] = std::max(0.0, more) * fit;
    arrived *= left / (j + 1) * u / (1 - u);
    more -= arrived;
  }
  return progress;
}

// Of buckets that know nothing of each other: taken = a.taken b.taken, and its derivative.
Progress together(const Progress& a, const Progress& b) {
  const std::size_t picks = a.taken.size();
  Progress sum{Polynomial(picks), Polynomial(picks)};
  for (std::size_t i = 0; i < picks; ++i) {
    for (std::size_t j = 0; i + j < picks; ++j) {
      sum.taken[i + j] += a.taken[i] * b.taken[j];
      sum.rate[i + j] += a.taken[i] * b.rate[j] + a.rate[i] * b.taken[j];
    }
  }
  return sum;
}

// Buckets that are alike, and how many there are.
using Alike = std::map<std::array<std::uint32_t, 3>, std::uint32_t>;

// Per time, at u: the probability of the last pick with all as asked, or the expected picks.
double density(const Alike& buckets, Asked asked, double u, std::size_t picks) {
  Progress whole = nothing(picks);
  for (const auto& [bucket, number] : buckets) {
    Progress power = of_bucket({bucket[0], bucket[1], bucket[2]}, asked, u, picks);
    for (std::uint32_t left = number; left > 0; left /= 2) {
      if (left % 2 == 1) whole = together(whole, power);
      if (left > 1) power = together(power, power);
    }
  }
  if (asked != Asked::kExpected) return whole.rate.back();
  return std::accumulate(whole.rate.begin(), whole.rate.end(), 0.0);
}

double integral(const Alike& buckets, Asked asked, std::size_t picks, double servers) {
  static const std::array<Node, 20> kNodes = gauss_legendre<20>();
  double sum = 0;
  // The picks fall where about as many servers have arrived: near 0 when there are many.
  double low = 0;
  double high = 1 / std::exp2(std::ceil(std::log2(servers)));
  while (low < 1) {
    for (const Node& node : kNodes) {
      const double u = low + (high - low) * (1 + node.at) / 2;
      sum += node.weight * (high - low) / 2 * density(buckets, asked, u, picks);
    }
    low = high;
    high *= 2;
  }
  return sum;
}

}  // namespace

std::optional<Exposure> exposure(std::span<const Bucket> buckets, std::uint32_t picks) {
  std::uint64_t servers = 0;
  std::uint64_t of_group = 0;
  std::uint64_t room = 0;
  Alike alike;
  for (const Bucket& bucket : buckets) {
    ++alike[{bucket.servers, bucket.of_group, bucket.most}];
    servers += bucket.servers;
    of_group += bucket.of_group;
    room += std::min(bucket.most, bucket.servers);
  }
  const auto taken = static_cast<std::size_t>(std::min<std::uint64_t>(picks, room));
  if (taken == 0) return std::nullopt;
  if (of_group == 0) return Exposure{};
  if (of_group == servers) return Exposure{static_cast<double>(taken), 1, 1};
  const auto n = static_cast<double>(servers);
  const double none = integral(alike, Asked::kNone, taken, n);
  return Exposure{integral(alike, Asked::kExpected, taken, n), std::max(0.0, 1 - none),
                  std::min(1.0, integral(alike, Asked::kAll, taken, n))};
}

std::optional<Exposure> exposure_without_buckets(std::uint64_t servers, std::uint64_t of_group,
                                                 std::uint32_t picks) {
  const std::uint64_t taken = std::min<std::uint64_t>(picks, servers);
  if (taken == 0) return std::nullopt;
  double all = 1;
  double none = 1;
  for (std::uint64_t i = 0; i < taken; ++i) {
    const auto left = static_cast<double>(servers - i);
    all *= of_group > i ? static_cast<double>(of_group - i) / left : 0;
    const std::uint64_t others = servers - of_group;
    none *= others > i ? static_cast<double>(others - i) / left : 0;
  }
  const double share = static_cast<double>(of_group) / static_cast<double>(servers);
  return Exposure{static_cast<double>(taken) * share, 1 - none, all};
}

}  // namespace observatory::host
