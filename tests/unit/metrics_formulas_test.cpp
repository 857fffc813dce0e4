// SPDX-License-Identifier: MIT
// The figures come from tests/vectors/metrics, made by Python, and from publications, by hand.
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>
#include <vector>

#include "targets/observatory/metrics/bootstrap.h"
#include "targets/observatory/metrics/concentration.h"
#include "targets/observatory/metrics/eclipse.h"
#include "targets/observatory/metrics/quantile.h"
#include "targets/observatory/metrics/random.h"
#include "targets/observatory/metrics/similarity.h"
#include "targets/observatory/metrics/unseen.h"
#include "tests/catch2.h"

using namespace observatory::host;
using nlohmann::json;

namespace {

const json& values() {
  static const json kValues = [] {
    std::ifstream file(OBSERVATORY_VECTORS "/metrics/values.json");
    return json::parse(file);
  }();
  return kValues;
}

// Equal in 11 digits; near 0 in as many digits behind the point.
bool close(double found, double wanted) {
  return std::abs(found - wanted) <= 1e-11 * std::max(1.0, std::abs(wanted));
}

bool near(double found, double wanted, double margin) { return std::abs(found - wanted) <= margin; }

bool same(const std::optional<double>& found, const json& wanted) {
  if (wanted.is_null()) return !found;
  return found && close(*found, wanted.get<double>());
}

bool same(const std::optional<Interval>& found, const json& wanted) {
  if (wanted.is_null()) return !found;
  return found && close(found->low, wanted[0].get<double>()) &&
         close(found->high, wanted[1].get<double>());
}

std::vector<Bucket> buckets_of(const json& rows) {
  std::vector<Bucket> buckets;
  for (const json& row : rows) {
    buckets.push_back(
        {row[0].get<std::uint32_t>(), row[1].get<std::uint32_t>(), row[2].get<std::uint32_t>()});
  }
  return buckets;
}

}  // namespace

TEST_CASE("The concentration of twelve groups is that of the study") {
  const std::vector<std::uint64_t> counts = {132, 71, 60, 55, 40, 31, 28, 20, 18, 12, 11, 9};
  const auto found = concentration(counts);
  REQUIRE(found);
  CHECK(found->groups == 12);
  CHECK(found->n == 487);
  CHECK(near(found->hhi, 0.14127, 5e-6));
  CHECK(near(found->hhi_unbiased.value(), 0.13950, 5e-6));
  CHECK(near(found->effective, 7.079, 5e-4));
  CHECK(near(found->entropy, 2.18731, 5e-6));
  CHECK(near(found->effective_entropy, 8.911, 5e-4));
  CHECK(near(found->gini, 0.42385, 5e-6));
  CHECK(found->nakamoto_50 == 3);
  CHECK(found->nakamoto_33 == 2);
}

TEST_CASE("Every figure of concentration is that of exact fractions") {
  for (const json& wanted : values()["concentration"]) {
    const auto counts = wanted["counts"].get<std::vector<std::uint64_t>>();
    INFO(wanted["counts"].dump());
    const auto found = concentration(counts);
    REQUIRE(found);
    CHECK(found->groups == wanted["groups"]);
    CHECK(found->n == wanted["n"]);
    CHECK(same(found->hhi, wanted["hhi"]));
    CHECK(same(found->hhi_unbiased, wanted["hhi_unbiased"]));
    CHECK(same(found->effective, wanted["effective"]));
    CHECK(same(found->entropy, wanted["entropy"]));
    CHECK(same(found->effective_entropy, wanted["effective_entropy"]));
    CHECK(same(found->evenness, wanted["evenness"]));
    CHECK(same(found->theil, wanted["theil"]));
    CHECK(same(found->gini, wanted["gini"]));
    CHECK(found->nakamoto_50 == wanted["nakamoto_50"]);
    CHECK(found->nakamoto_33 == wanted["nakamoto_33"]);
    CHECK(same(found->top1, wanted["top1"]));
    CHECK(same(found->top3, wanted["top3"]));
    for (const ConcentrationFigure& figure : kConcentrationFigures) {
      INFO(figure.name);
      CHECK(same(figure.of(*found), wanted[std::string(figure.name)]));
    }
  }
}

TEST_CASE("Without servers there is no concentration") {
  CHECK_FALSE(concentration({}));
  const std::vector<std::uint64_t> none = {0, 0, 0};
  CHECK_FALSE(concentration(none));
}

TEST_CASE("One group is all there is, and no figure of it is negative or a zero below zero") {
  const std::vector<std::uint64_t> counts = {0, 41};
  const auto found = concentration(counts);
  REQUIRE(found);
  CHECK(found->hhi == 1);
  CHECK(found->hhi_unbiased == 1.0);
  CHECK(found->effective_entropy == 1);
  CHECK_FALSE(found->evenness);
  CHECK(found->top3 == 1);
  for (const double zero : {found->entropy, found->gini, found->theil}) {
    CHECK(zero == 0);
    CHECK_FALSE(std::signbit(zero));
  }
}

TEST_CASE("Rounding takes no figure of equal groups beyond its bounds") {
  for (std::size_t groups = 2; groups <= 400; ++groups) {
    INFO(groups);
    const std::vector<std::uint64_t> counts(groups, 3);
    const auto found = concentration(counts);
    REQUIRE(found);
    CHECK(found->evenness.value() <= 1);
    CHECK(found->theil >= 0);
    CHECK(found->gini >= 0);
  }
}

TEST_CASE("The order of groups changes no bit of their concentration") {
  const std::vector<std::uint64_t> counts = {3, 190, 7, 7, 55, 1, 0};
  const std::vector<std::uint64_t> other = {7, 0, 1, 55, 190, 7, 3};
  const auto found = concentration(counts);
  const auto again = concentration(other);
  for (const ConcentrationFigure& figure : kConcentrationFigures) {
    CHECK(figure.of(*found) == figure.of(*again));
  }
}

TEST_CASE("Wilson's interval is that of the study") {
  const auto is = [](const std::optional<Interval>& found, double low, double high) {
    return found && near(found->low, low, 5e-5) && near(found->high, high, 5e-5);
  };
  CHECK(is(wilson(95, 100), 0.8882, 0.9785));
  CHECK(is(wilson(0, 10), 0, 0.2775));
  CHECK(is(wilson(10, 10), 0.7225, 1));
  for (std::uint64_t n = 1; n <= 400; ++n) {
    CHECK(wilson(0, n)->low == 0);
    CHECK(wilson(n, n)->high == 1);
  }
  CHECK_FALSE(wilson(0, 0));
}

TEST_CASE("Wilson's interval holds the shares that a test does not refuse") {
  for (const json& wanted : values()["wilson"]) {
    INFO(wanted.dump());
    CHECK(same(wilson(wanted["successes"], wanted["trials"]), wanted["interval"]));
  }
}

TEST_CASE("Quantiles are those of Python's statistics module") {
  for (const json& wanted : values()["quantile"]) {
    const auto ascending = wanted["values"].get<std::vector<double>>();
    CHECK(same(quantile(ascending, 0.025), wanted["low"]));
    CHECK(same(quantile(ascending, 0.5), wanted["median"]));
    CHECK(same(quantile(ascending, 0.975), wanted["high"]));
    CHECK(quantile(ascending, 0) == ascending.front());
    CHECK(quantile(ascending, 1) == ascending.back());
  }
  CHECK_FALSE(quantile({}, 0.5));
  const std::vector<double> one = {4.5};
  CHECK(quantile(one, 0.975) == 4.5);
}

TEST_CASE("Chao2 and Chapman's estimates are those of the study") {
  const auto chao = chao2({20, 520, 60, 35, 0});
  REQUIRE(chao);
  CHECK(near(chao->estimate, 566.7, 0.05));
  const auto two_lists = chapman(400, 350, 300);
  REQUIRE(two_lists);
  CHECK(two_lists->observed == 450);
  CHECK(near(two_lists->estimate, 466.6, 0.05));
  CHECK(near(two_lists->se.value(), 5.07, 0.005));
}

TEST_CASE("Chao2, its error and its interval are those of exact fractions") {
  for (const json& wanted : values()["chao2"]) {
    INFO(wanted.dump());
    const auto found =
        chao2({wanted["units"], wanted["observed"], wanted["once"], wanted["twice"], 0});
    REQUIRE(found);
    CHECK(found->observed == wanted["observed"]);
    CHECK(same(found->estimate, wanted["estimate"]));
    CHECK(same(found->se, wanted["se"]));
    CHECK(same(found->ci95, wanted["interval"]));
  }
}

TEST_CASE("Sightings are counted into Chao2 and the coverage of Good and Turing") {
  const json& wanted = values()["sightings"];
  const auto seen_by = wanted["seen_by"].get<std::vector<std::uint32_t>>();
  const Incidence seen = incidence(seen_by, wanted["units"]);
  CHECK(seen.observed == wanted["observed"]);
  CHECK(same(coverage(seen), wanted["coverage"]));
  CHECK(same(chao2(seen)->estimate, wanted["estimate"]));
  CHECK(same(chao2(seen)->se, wanted["se"]));
}

TEST_CASE("What one vantage or nobody saw gives no estimate of the unseen") {
  const std::vector<std::uint32_t> once = {1, 1, 1};
  const std::vector<std::uint32_t> never = {0, 0};
  CHECK_FALSE(chao2(incidence(once, 1)));
  CHECK_FALSE(chao2(incidence(never, 5)));
  CHECK_FALSE(chao2(incidence({}, 0)));
  CHECK(coverage(incidence(once, 3)) == 0.0);
  CHECK_FALSE(coverage(incidence(never, 5)));
  CHECK_FALSE(chapman(0, 0, 0));
}

TEST_CASE("Chapman's estimate, its error and its interval are those of exact fractions") {
  for (const json& wanted : values()["chapman"]) {
    INFO(wanted.dump());
    const auto found = chapman(wanted["first"], wanted["second"], wanted["both"]);
    REQUIRE(found);
    CHECK(same(found->estimate, wanted["estimate"]));
    CHECK(same(found->se, wanted["se"]));
    CHECK(same(found->ci95, wanted["interval"]));
  }
}

TEST_CASE("Jaccard's likeness is of what is in either set") {
  CHECK(jaccard(4, 3, 2) == 0.4);
  CHECK(jaccard(5, 5, 5) == 1.0);
  CHECK(jaccard(5, 0, 0) == 0.0);
  CHECK_FALSE(jaccard(0, 0, 0));
}

TEST_CASE("Random numbers are xoshiro256** and Lemire's draws") {
  const json& wanted = values()["random"];
  Random random(wanted["seed"].get<std::uint64_t>());
  for (const json& number : wanted["next"]) CHECK(std::to_string(random.next()) == number);
  for (const json& row : wanted["below"]) {
    for (const json& number : row["drawn"]) {
      CHECK(random.below(row["bound"].get<std::uint32_t>()) == number);
    }
  }
}

TEST_CASE("Bounded draws are as likely as each other") {
  // Chi squared with 5 degrees of freedom: above 25.7 once in 10,000 seeds.
  Random random(2026);
  std::array<double, 6> seen{};
  constexpr double kDraws = 60000;
  for (int i = 0; i < kDraws; ++i) seen[random.below(6)] += 1;
  double chi2 = 0;
  for (const double count : seen)
    chi2 += (count - kDraws / 6) * (count - kDraws / 6) / (kDraws / 6);
  CHECK(chi2 < 25.7);
}

TEST_CASE("Bootstrap intervals are those of the same draws in Python, servers and operators") {
  for (const json& wanted : values()["bootstrap"]) {
    const auto units = wanted["units"].get<std::vector<Unit>>();
    const auto found = concentration_intervals(
        units, wanted["groups"].get<std::size_t>(),
        {wanted["resamples"].get<std::uint32_t>(), wanted["seed"].get<std::uint64_t>()});
    CHECK(found.size() == wanted["intervals"].size());
    for (const auto& [name, interval] : found) {
      INFO(name);
      CHECK(same(interval, wanted["intervals"][std::string(name)]));
    }
  }
}

TEST_CASE("The bootstrap's interval of a share is as wide as the binomial's") {
  // 60 of 200: 0.3 -+ 1.96 sqrt(0.3 * 0.7 / 200), the quantiles of 2,000 resamples being uncertain
  // by about a tenth of that width.
  const std::vector<std::uint64_t> counts = {60, 50, 50, 40};
  const auto found =
      bootstrap(units_of(counts), counts.size(), 1,
                [](std::span<const std::uint64_t> drawn, std::span<std::optional<double>> figures) {
                  figures[0] = static_cast<double>(drawn[0]) / 200;
                },
                {});
  REQUIRE(found[0]);
  const double reach = 1.96 * std::sqrt(0.3 * 0.7 / 200);
  CHECK(near(found[0]->low, 0.3 - reach, reach / 10));
  CHECK(near(found[0]->high, 0.3 + reach, reach / 10));
}

TEST_CASE("A bootstrap without servers, or of a figure that no resample has, has no interval") {
  const auto absent = [](std::span<const std::uint64_t> /*drawn*/,
                         std::span<std::optional<double>> /*figures*/) {};
  CHECK(concentration_intervals({}, 0, {}).empty());
  const auto constant = [](std::span<const std::uint64_t> /*drawn*/,
                           std::span<std::optional<double>> figures) { figures[0] = 1; };
  CHECK_FALSE(bootstrap({}, 3, 1, constant, {})[0]);
  const std::vector<std::uint64_t> counts = {2, 1};
  CHECK_FALSE(bootstrap(units_of(counts), 2, 1, absent, {})[0]);
}

TEST_CASE("A figure that one resample has is not that of the next") {
  const std::vector<std::uint64_t> counts = {2, 1};
  int resample = 0;
  const auto found = bootstrap(
      units_of(counts), 2, 1,
      [&](std::span<const std::uint64_t> /*drawn*/, std::span<std::optional<double>> figures) {
        CHECK_FALSE(figures[0]);
        if (resample++ == 0) figures[0] = 5;
      },
      {20, 1});
  CHECK(same(found[0], json{5, 5}));
}

TEST_CASE("Units of counts are servers with their groups") {
  const std::vector<std::uint64_t> counts = {2, 0, 1};
  CHECK(units_of(counts) == std::vector<Unit>{{0}, {0}, {2}});
}

TEST_CASE("A client without buckets meets a provider as in the study") {
  const auto ten = exposure_without_buckets(600, 132, 10);
  REQUIRE(ten);
  CHECK(close(ten->expected, 2.2));
  CHECK(near(ten->any, 0.918, 5e-4));
  CHECK(near(ten->all, 2.0e-7, 5e-9));
  CHECK(close(exposure_without_buckets(600, 132, 1)->any, 0.22));
  CHECK(near(exposure_without_buckets(600, 132, 3)->all, 0.010459, 5e-7));
}

TEST_CASE("A client without buckets draws from the hypergeometric distribution") {
  for (const json& wanted : values()["without_buckets"]) {
    INFO(wanted.dump());
    const auto found =
        exposure_without_buckets(wanted["servers"], wanted["of_group"], wanted["picks"]);
    REQUIRE(found);
    CHECK(same(found->expected, wanted["expected"]));
    CHECK(same(found->any, wanted["any"]));
    CHECK(same(found->all, wanted["all"]));
  }
  CHECK_FALSE(exposure_without_buckets(0, 0, 10));
  CHECK_FALSE(exposure_without_buckets(5, 1, 0));
}

TEST_CASE("A client with buckets of one server each is one without buckets") {
  for (const json& row : values()["without_buckets"]) {
    const auto servers = row["servers"].get<std::size_t>();
    const auto of_group = row["of_group"].get<std::size_t>();
    std::vector<Bucket> buckets(servers, {1, 0, 1});
    for (std::size_t i = 0; i < of_group; ++i) buckets[i].of_group = 1;
    INFO(row.dump());
    const auto found = exposure(buckets, row["picks"]);
    REQUIRE(found);
    CHECK(same(found->expected, row["expected"]));
    CHECK(same(found->any, row["any"]));
    CHECK(same(found->all, row["all"]));
    const auto all = row["all"].get<double>();
    CHECK(near(found->all, all, 1e-9 * all));
  }
}

TEST_CASE("What a client meets in few buckets is what counting all its ways gives") {
  for (const json& wanted : values()["eclipse"]["exact"]) {
    INFO(wanted.dump());
    const auto found = exposure(buckets_of(wanted["buckets"]), wanted["picks"]);
    REQUIRE(found);
    CHECK(same(found->expected, wanted["expected"]));
    CHECK(same(found->any, wanted["any"]));
    CHECK(same(found->all, wanted["all"]));
  }
}

TEST_CASE("What a client meets in many buckets is what playing its rule gives") {
  const auto within = [](double found, const json& wanted) {
    return std::abs(found - wanted[0].get<double>()) < 4 * wanted[1].get<double>() + 1e-12;
  };
  for (const json& wanted : values()["eclipse"]["simulated"]) {
    INFO(wanted["buckets"].dump());
    const auto found = exposure(buckets_of(wanted["buckets"]), wanted["picks"]);
    REQUIRE(found);
    CHECK(within(found->expected, wanted["expected"]));
    CHECK(within(found->any, wanted["any"]));
    CHECK(within(found->all, wanted["all"]));
  }
}

TEST_CASE("The 53 servers of one cloud are met as in the study") {
  // The study's rows are means over 4,000 random places of the honest servers; these are of one.
  struct Row {
    std::size_t place;
    double expected;
    double any;
  };
  for (const Row& row : {Row{0, 3.67, 0.99}, {1, 2.11, 0.91}, {2, 0.95, 0.63}}) {
    const json& network = values()["eclipse"]["simulated"][row.place];
    const auto found = exposure(buckets_of(network["buckets"]), kElectrumConnections);
    REQUIRE(found);
    CHECK(near(found->expected, row.expected, 0.06));
    CHECK(near(found->any, row.any, 0.015));
  }
  const auto many = exposure(buckets_of(values()["eclipse"]["simulated"][3]["buckets"]), 10);
  CHECK(near(many->expected, 7.68, 0.06));
  CHECK(near(many->all, 0.062, 0.008));
  const auto one_provider =
      exposure(buckets_of(values()["eclipse"]["simulated"][4]["buckets"]), 10);
  CHECK(near(one_provider->expected, 0.99, 0.01));
  CHECK(one_provider->all == 0);
}

TEST_CASE("A client that knows one party alone is that party's, and one without it never") {
  for (std::uint32_t number = 1; number <= 60; ++number) {
    INFO(number);
    const auto all = exposure(std::vector<Bucket>(number, {3, 3, 2}), 10);
    REQUIRE(all);
    CHECK(all->expected == std::min(10u, 2 * number));
    CHECK(all->any == 1);
    CHECK(all->all == 1);
    const auto none = exposure(std::vector<Bucket>(number, {3, 0, 2}), 10);
    REQUIRE(none);
    CHECK(none->expected == 0);
    CHECK(none->any == 0);
    CHECK(none->all == 0);
  }
  CHECK_FALSE(exposure({}, 10));
  CHECK_FALSE(exposure(std::vector<Bucket>{{4, 4, 1}}, 0));
}

TEST_CASE("Rounding takes no probability beyond 0 and 1") {
  for (std::uint32_t number = 1; number <= 60; ++number) {
    INFO(number);
    // The client has as many connections as there are buckets: it is sure to meet the first.
    std::vector<Bucket> buckets(number, {2, 0, 1});
    buckets[0].of_group = 2;
    const auto found = exposure(buckets, 100);
    REQUIRE(found);
    CHECK(close(found->any, 1));
    CHECK(found->any <= 1);
    // Of two connections both are in the large bucket, unless they begin with the other one.
    const auto both =
        exposure(std::vector<Bucket>{{1000 * number, 1000 * number, 9}, {1, 0, 1}}, 2);
    REQUIRE(both);
    CHECK(close(both->all, 1 - 2 / (1000.0 * number + 1)));
    CHECK(both->all <= 1);
  }
}
