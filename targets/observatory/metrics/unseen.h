// SPDX-License-Identifier: MIT
// How many servers there are, those that nobody saw included.
//
// All of it holds for lists or vantages that find servers independently of each other. Servers that
// are hard to find for everyone, and lists that copy each other, make the estimates too small: they
// are lower bounds.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "targets/observatory/metrics/interval.h"

namespace observatory::host {

struct Unseen {
  std::uint64_t observed = 0;
  double estimate = 0;  // observed and unseen; at least `observed`
  // Standard error of the estimate, and the interval of 95 % from it. Absent when the data say
  // nothing of them: se when no server was seen once (chao2), or one list holds the other
  // (chapman); the interval also when the estimate is `observed`.
  std::optional<double> se;
  std::optional<Interval> ci95;
};

// How often servers were seen by `units` vantages (or lists, or days).
struct Incidence {
  std::uint64_t units = 0;
  std::uint64_t observed = 0;  // S: servers that at least one unit saw
  std::uint64_t once = 0;      // Q1: servers that exactly one saw
  std::uint64_t twice = 0;     // Q2
  std::uint64_t total = 0;     // sum k Q_k: of all servers the units that saw it
};

// From the number of units that saw each server; servers with 0 are not observed.
Incidence incidence(std::span<const std::uint32_t> seen_by, std::uint64_t units);

// Chao2 with correction of bias (Chao 1987, "Estimating the population size for capture-recapture
// data with unequal catchability"; Chao and Colwell 2017, "Thirty years of progeny from Chao's
// inequality"), A = (units - 1)/units:
//
//   S + A Q1(Q1-1) / 2(Q2+1)
//
//   se^2 = A Q1(Q1-1) / 2(Q2+1) + A^2 Q1(2Q1-1)^2 / 4(Q2+1)^2 + A^2 Q1^2 Q2 (Q1-1)^2 / 4(Q2+1)^4
//
// (the variance as Chao's SpadeR has it: AnneChao/SpadeR:R/SpecInciChao2bc.R), and the log-normal
// interval of Chao 1987, which never falls below S: with f = estimate - S,
//
//   [S + f/K, S + f K],   K = exp(z sqrt(ln(1 + se^2/f^2)))
//
// Absent for fewer than two units, or nothing observed.
std::optional<Unseen> chao2(const Incidence& seen);

// The part of all sightings that fall on servers which were observed (Good 1953, Turing):
// 1 - Q1 / sum k Q_k. Absent without sightings.
std::optional<double> coverage(const Incidence& seen);

// Two lists with `first` and `second` servers, `both` in common (Chapman 1951; variance Seber
// 1970):
//
//   (first+1)(second+1)/(both+1) - 1
//   se^2 = (first+1)(second+1)(first-both)(second-both) / (both+1)^2 (both+2)
//
// `observed` is first + second - both; the interval is that of chao2(). Absent when both lists are
// empty; `both` is at most the smaller.
std::optional<Unseen> chapman(std::uint64_t first, std::uint64_t second, std::uint64_t both);

}  // namespace observatory::host
