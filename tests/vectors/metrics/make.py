#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes values.json beside it: what tests/unit/metrics_formulas_test.cpp compares with.

Computed by other ways than the program's: exact fractions, 50 digits, other forms of the same
formula, enumeration, simulation. Needs nothing but Python 3.11. The same file each time.
"""

import itertools
import json
import math
import pathlib
import random
import statistics
from decimal import Decimal, getcontext
from fractions import Fraction
from functools import lru_cache

getcontext().prec = 50
Z = Decimal(statistics.NormalDist().inv_cdf(0.975))


def decimal(fraction):
    return Decimal(fraction.numerator) / Decimal(fraction.denominator)


# ---- concentration -----------------------------------------------------------------------------


def nakamoto(counts, part):
    n = sum(counts)
    for k in range(1, len(counts) + 1):
        if Fraction(sum(sorted(counts)[-k:]), n) > part:
            return k
    raise AssertionError


def mean_difference(counts):
    """Sum of |x_i - x_j| over all pairs, through how many pairs straddle each step."""
    ascending = sorted(counts)
    total = 0
    for i in range(len(ascending) - 1):
        total += (ascending[i + 1] - ascending[i]) * (i + 1) * (len(ascending) - i - 1)
    return 2 * total


def concentration(counts):
    counts = [count for count in counts if count]
    n, groups = sum(counts), len(counts)
    shares = [Fraction(count, n) for count in counts]
    hhi = sum(share * share for share in shares)
    # ln n - (1/n) sum n_i ln n_i
    entropy = Decimal(n).ln() - sum(c * Decimal(c).ln() for c in counts) / n
    same = sum(math.comb(count, 2) for count in counts)
    return {
        "groups": groups,
        "n": n,
        "hhi": float(hhi),
        "hhi_unbiased": float(Fraction(same, math.comb(n, 2))) if n > 1 else None,
        "effective": float(1 / hhi),
        "entropy": float(entropy),
        "effective_entropy": float(entropy.exp()),
        "evenness": float(entropy / Decimal(groups).ln()) if groups > 1 else None,
        "theil": float(Decimal(groups).ln() - entropy),
        "gini": float(Fraction(mean_difference(counts), 2 * groups * n)),
        "nakamoto_50": nakamoto(counts, Fraction(1, 2)),
        "nakamoto_33": nakamoto(counts, Fraction(1, 3)),
        "top1": float(max(shares)),
        "top3": float(sum(sorted(shares)[-3:])),
    }


def concentration_cases():
    draw = random.Random(31)
    cases = [
        [132, 71, 60, 55, 40, 31, 28, 20, 18, 12, 11, 9],
        [1], [7], [1, 1], [1, 2], [3, 3, 3], [1, 1, 1], [2, 1, 1], [0, 5, 0, 1],
        [1] * 200,
        [1000000, 1],
        [2**62, 2**62, 2**62, 2**60],
        [2**53 + 1, 3, 1],
        [10**15, 10**12, 10**9, 10**6, 1000, 1],
        [2000 // rank for rank in range(1, 300)],
    ]
    for groups in (5, 30, 400):
        cases.append([draw.randint(1, 90) for _ in range(groups)])
        cases.append([int(draw.paretovariate(1.1)) for _ in range(groups)])
    return [dict(concentration(counts), counts=counts) for counts in cases]


# ---- intervals and quantiles -------------------------------------------------------------------


def wilson(successes, trials):
    """Both shares whose test of a share just does not refuse what was seen: (p-x)^2 = z^2 x(1-x)/n."""
    p = Decimal(successes) / Decimal(trials)
    a = 1 + Z * Z / trials
    b = -(2 * p + Z * Z / trials)
    root = (b * b - 4 * a * p * p).sqrt()
    return [float((-b - root) / (2 * a)), float((-b + root) / (2 * a))]


def wilson_cases():
    pairs = [(95, 100), (0, 10), (10, 10), (0, 1), (1, 1), (1, 2), (1, 1000000), (512, 600),
             (10**12 - 3, 10**12), (2**60, 2**63), (3, 7), (1999, 2000)]
    return [{"successes": k, "trials": n, "interval": wilson(k, n)} for k, n in pairs]


def quantile_cases():
    draw = random.Random(7)
    cases = []
    for size in (2, 3, 4, 11, 40, 2000):
        values = sorted(round(draw.lognormvariate(9, 1), 3) for _ in range(size))
        cuts = statistics.quantiles(values, n=40, method="inclusive")
        cases.append({"values": values, "low": cuts[0], "high": cuts[-1],
                      "median": statistics.median(values)})
    return cases


# ---- unseen ------------------------------------------------------------------------------------


def log_normal(observed, estimate, variance):
    unseen = estimate - observed
    if unseen == 0:
        return None
    factor = (Z * (1 + decimal(variance / (unseen * unseen))).ln().sqrt()).exp()
    return [float(decimal(Fraction(observed)) + decimal(unseen) / factor),
            float(decimal(Fraction(observed)) + decimal(unseen) * factor)]


def chao2(observed, units, once, twice):
    a = Fraction(units - 1, units)
    estimate = observed + a * once * (once - 1) / (2 * (twice + 1))
    if once == 0:
        return {"estimate": float(estimate), "se": None, "interval": None}
    variance = (a * once * (once - 1) / 2 / (twice + 1)
                + a**2 * once * (2 * once - 1) ** 2 / 4 / Fraction(twice + 1) ** 2
                + a**2 * once**2 * twice * (once - 1) ** 2 / 4 / Fraction(twice + 1) ** 4)
    return {"estimate": float(estimate), "se": float(decimal(variance).sqrt()),
            "interval": log_normal(observed, estimate, variance)}


def chao2_cases():
    cases = []
    for observed, units, once, twice in [(520, 20, 60, 35), (26, 11, 6, 0), (225, 50, 21, 19),
                                         (9, 4, 1, 3), (40, 12, 0, 5), (12, 2, 12, 0),
                                         (1900, 12, 300, 250), (10**9, 30, 10**8, 3 * 10**7)]:
        cases.append(dict(chao2(observed, units, once, twice), observed=observed, units=units,
                          once=once, twice=twice))
    return cases


def sightings_case():
    draw = random.Random(11)
    units = 8
    seen_by = []
    for _ in range(600):
        visible = draw.betavariate(2, 6)
        seen_by.append(sum(draw.random() < visible for _ in range(units)))
    once, twice = seen_by.count(1), seen_by.count(2)
    observed = sum(times > 0 for times in seen_by)
    return dict(chao2(observed, units, once, twice), seen_by=seen_by, units=units,
                observed=observed, coverage=float(1 - Fraction(once, sum(seen_by))))


def error_of_chao2():
    """The standard error against what estimates of the same population really scatter by."""
    draw = random.Random(5)
    units, visible = 8, 0.2
    estimates, errors = [], []
    for _ in range(1500):
        seen_by = [sum(draw.random() < visible for _ in range(units)) for _ in range(600)]
        found = chao2(sum(t > 0 for t in seen_by), units, seen_by.count(1), seen_by.count(2))
        estimates.append(found["estimate"])
        errors.append(found["se"])
    return statistics.mean(estimates), statistics.stdev(estimates), statistics.mean(errors)


def chapman(first, second, both):
    estimate = Fraction((first + 1) * (second + 1), both + 1) - 1
    variance = Fraction((first + 1) * (second + 1) * (first - both) * (second - both),
                        (both + 1) ** 2 * (both + 2))
    observed = first + second - both
    return {"estimate": float(estimate),
            "se": float(decimal(variance).sqrt()) if variance else None,
            "interval": log_normal(observed, estimate, variance)}


def chapman_cases():
    return [dict(chapman(*case), first=case[0], second=case[1], both=case[2])
            for case in [(400, 350, 300), (10, 12, 0), (5, 5, 5), (7, 3, 3), (0, 4, 0),
                         (10**9, 2 * 10**9, 10**8)]]


# ---- random numbers and the bootstrap ----------------------------------------------------------

MASK = 2**64 - 1


class Xoshiro:
    """xoshiro256** seeded by SplitMix64, and Lemire's bounded draw on the upper 32 bits."""

    def __init__(self, seed):
        self.state = []
        for step in range(1, 5):
            z = (seed + step * 0x9E3779B97F4A7C15) & MASK
            z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) & MASK
            z = ((z ^ z >> 27) * 0x94D049BB133111EB) & MASK
            self.state.append(z ^ z >> 31)

    def next(self):
        def turned(x, by):
            return (x << by | x >> 64 - by) & MASK

        a, b, c, d = self.state
        result = turned(b * 5 & MASK, 7) * 9 & MASK
        self.state = [a ^ d ^ b, b ^ c ^ a, c ^ a ^ (b << 17 & MASK), turned(d ^ b, 45)]
        return result

    def below(self, bound):
        while True:
            whole, part = divmod((self.next() >> 32) * bound, 2**32)
            if part >= 2**32 % bound:
                return whole


def random_case():
    numbers = Xoshiro(42)
    first = [str(numbers.next()) for _ in range(6)]
    bounded = [{"bound": bound, "drawn": [numbers.below(bound) for _ in range(8)]}
               for bound in (1, 2, 6, 1000, 2**31 + 1, 2**32 - 1)]
    return {"seed": 42, "next": first, "below": bounded}


FIGURES = ["hhi", "hhi_unbiased", "effective", "entropy", "effective_entropy", "evenness", "gini",
           "nakamoto_50", "nakamoto_33", "top1", "top3"]


def bootstrap(units, groups, resamples, seed):
    numbers = Xoshiro(seed)
    drawn = {name: [] for name in FIGURES}
    for _ in range(resamples):
        counts = [0] * groups
        for _ in units:
            for group in units[numbers.below(len(units))]:
                counts[group] += 1
        spread = concentration(counts)
        for name in FIGURES:
            if spread[name] is not None:
                drawn[name].append(spread[name])
    result = {}
    for name, values in drawn.items():
        if len(values) > 1:
            cuts = statistics.quantiles(values, n=40, method="inclusive")
            result[name] = [cuts[0], cuts[-1]]
    return result


def bootstrap_cases():
    alone = [[group] for group, count in enumerate([12, 7, 5, 3, 1, 1, 1]) for _ in range(count)]
    together = [[0, 0, 0, 1], [1, 1], [2], [2], [3, 0], [4], [5, 5, 5, 5, 5], [1]]
    return [{"units": alone, "groups": 7, "resamples": 300, "seed": 1,
             "intervals": bootstrap(alone, 7, 300, 1)},
            {"units": together, "groups": 6, "resamples": 200, "seed": 99,
             "intervals": bootstrap(together, 6, 200, 99)},
            {"units": [[0]], "groups": 2, "resamples": 20, "seed": 3,
             "intervals": bootstrap([[0]], 2, 20, 3)}]


# ---- eclipse -----------------------------------------------------------------------------------


def enumerated(buckets, picks):
    """Exact: every way in which the client could connect, with its probability."""

    @lru_cache(maxsize=None)
    def onwards(state, picked):
        # state: for each bucket the servers left of the group and not, and the room left.
        # Returns expected picks of the group, P(no more of it), P(only it).
        free = sum(ours + others for ours, others, room in state if room)
        if picked == picks or free == 0:
            return Fraction(0), Fraction(1), Fraction(1)
        expected = none = every = Fraction(0)
        for i, (ours, others, room) in enumerate(state):
            if not room:
                continue
            for of_group, servers in ((1, ours), (0, others)):
                if not servers:
                    continue
                taken = (ours - of_group, others - 1 + of_group, room - 1)
                after = state[:i] + (taken,) + state[i + 1:]
                chance = Fraction(servers, free)
                more, no_more, only = onwards(after, picked + 1)
                expected += chance * (more + of_group)
                none += chance * no_more * (1 - of_group)
                every += chance * only * of_group
        return expected, none, every

    state = tuple((g, n - g, min(most, n)) for n, g, most in buckets)
    expected, none, every = onwards(state, 0)
    return {"expected": float(expected), "any": float(1 - none), "all": float(every)}


def simulated(buckets, picks, trials, seed):
    """The client's rule played out: servers in random order, each dropped whose bucket is full."""
    draw = random.Random(seed)
    servers = [(i, member < g) for i, (n, g, _) in enumerate(buckets) for member in range(n)]
    most = [bucket[2] for bucket in buckets]
    total = squares = some = every = 0
    for _ in range(trials):
        room = dict(enumerate(most))
        ours = connected = 0
        left = list(range(len(servers)))
        size = len(left)
        while connected < picks and size:
            at = int(draw.random() * size)
            size -= 1
            left[at], left[size] = left[size], left[at]
            bucket, of_group = servers[left[size]]
            if room[bucket]:
                room[bucket] -= 1
                connected += 1
                ours += of_group
        total += ours
        squares += ours * ours
        some += ours > 0
        every += ours == connected
    mean = total / trials

    def share(hits):
        near = (hits + 1) / (trials + 2)
        return [hits / trials, math.sqrt(near * (1 - near) / trials)]

    return {"trials": trials, "picks": picks, "buckets": buckets,
            "expected": [mean, math.sqrt((squares / trials - mean * mean) / trials)],
            "any": share(some), "all": share(every)}


# Of the 53 servers of spesmilo/electrum issue 10583 as many as these were in one /16.
SYBILS = [6, 5, 3, 3] + [2] * 6 + [1] * 24


def network(honest, sybils, seed):
    """Servers of honest people in 500 networks at random, and those of one party in its own."""
    draw = random.Random(seed)
    where = [0] * 500
    for _ in range(honest):
        where[draw.randrange(500)] += 1
    return [[n, 0, 1] for n in where if n] + [[n, n, 1] for n in sybils]


def eclipse_cases():
    small = []
    for buckets, picks in [
        ([[1, 1, 1], [1, 0, 1]], 1),
        ([[3, 1, 1], [2, 2, 1], [1, 0, 1]], 2),
        ([[3, 1, 1], [2, 2, 1], [1, 0, 1]], 5),
        ([[4, 2, 2], [3, 1, 1], [2, 0, 1], [1, 1, 1]], 3),
        ([[5, 3, 3], [4, 1, 4], [2, 1, 1], [1, 0, 1], [1, 1, 1]], 4),
        ([[9, 4, 6], [3, 3, 1], [2, 0, 1], [2, 1, 1], [1, 0, 1]], 7),
        ([[6, 6, 2], [5, 0, 1], [4, 2, 1], [1, 0, 1]], 3),
        ([[1, 1, 1], [1, 1, 1], [1, 1, 1], [1, 0, 1], [1, 0, 1], [1, 0, 1], [1, 0, 1]], 3),
    ]:
        small.append(dict(enumerated(buckets, picks), buckets=buckets, picks=picks))
    large = [simulated(network(90, SYBILS, 1), 10, 40000, 2),
             simulated(network(200, SYBILS, 3), 10, 40000, 4),
             simulated(network(500, SYBILS, 5), 10, 40000, 6),
             simulated(network(90, [2] * 150, 7), 10, 40000, 8),
             simulated(network(90, [53], 9), 10, 40000, 10),
             # All in few buckets: later picks wait long. And onions, of which six are kept.
             simulated([[300, 20, 1], [200, 200, 1], [3, 1, 1], [1, 1, 1], [1, 0, 1]], 4, 40000, 11),
             simulated([[60, 25, 6]] + [[2, 1, 1]] * 30 + [[1, 0, 1]] * 40, 10, 40000, 12)]
    return {"exact": small, "simulated": large}


def drawn_without_buckets():
    cases = []
    for servers, of_group, picks in [(600, 132, 10), (600, 132, 1), (7, 3, 3), (5, 5, 10),
                                     (5, 0, 2), (3, 1, 10), (200, 9, 10), (2000, 700, 10)]:
        taken = min(picks, servers)
        whole = math.comb(servers, taken)
        cases.append({
            "servers": servers, "of_group": of_group, "picks": picks,
            "expected": float(Fraction(taken * of_group, servers)),
            "any": float(1 - Fraction(math.comb(servers - of_group, taken), whole)),
            "all": float(Fraction(math.comb(of_group, taken), whole))})
    return cases


def check():
    """What the formulas here rest on: the same in another way."""
    for counts in ([5, 3, 3, 1], [132, 71, 60]):
        pairs = sum(abs(a - b) for a, b in itertools.product(counts, counts))
        assert pairs == mean_difference(counts)
    mean, scatter, error = error_of_chao2()
    assert abs(mean - 600) < 3 and abs(error / scatter - 1) < 0.06, (mean, scatter, error)
    assert sum(SYBILS) == 53 and len(SYBILS) == 34


def main():
    check()
    values = {
        "concentration": concentration_cases(),
        "wilson": wilson_cases(),
        "quantile": quantile_cases(),
        "chao2": chao2_cases(),
        "sightings": sightings_case(),
        "chapman": chapman_cases(),
        "random": random_case(),
        "bootstrap": bootstrap_cases(),
        "eclipse": eclipse_cases(),
        "without_buckets": drawn_without_buckets(),
    }
    parts = [f"{json.dumps(name)}:{json.dumps(value, separators=(',', ':'))}"
             for name, value in values.items()]
    here = pathlib.Path(__file__).resolve().parent
    (here / "values.json").write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="ascii")


if __name__ == "__main__":
    main()
