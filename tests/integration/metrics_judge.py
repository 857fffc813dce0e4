#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Computes the figures of `electrum-observatory metrics` from the logs, and compares.

    metrics_judge.py RESULT.json LOG... [--annotations CSV] [--since TIME] [--until TIME]
                                        [--vantage NAME]... [--chain GENESIS] [--reached]
                                        [--taken-in TIME]

RESULT is what `electrum-observatory metrics --format json` printed of a database that holds exactly
these logs (JSON Lines, plain or gzip), asked with the same options, and without other sources of
places than the annotations (--no-libloc). The rules are those of targets/observatory/README.md, by
their names there; what is counted stands in targets/observatory/metrics/README.md. Only Python's
own library is used, and nothing of the program.

For each group of figures it prints how many were compared, the largest relative difference, and
every figure that differs. The exit status is 1 when one does: a number by more than 1e-9 of itself,
anything else at all. Intervals of the bootstrap are compared with a bootstrap of the judge's own,
which draws otherwise, so they may differ by what two bootstraps differ by.
"""

import argparse
import collections
import csv
import datetime
import gzip
import ipaddress
import json
import math
import random
import re
import sys
import time
from fractions import Fraction

HOUR = 3600 * 1000
DAY = 24 * HOUR
BITCOIN = "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f"
CHAINS = {
    "bitcoin": BITCOIN,
    "testnet3": "000000000933ea01ad0ee984209779baaec3ced90fa3f408719526f8d77f4943",
    "testnet": "000000000933ea01ad0ee984209779baaec3ced90fa3f408719526f8d77f4943",
    "testnet4": "00000000da84f2bafbbc53dee25a72ae507ff4914b867c565be350b0da8bf043",
    "signet": "00000008819873e925422c1ff0f99f7cc9bbb232af63a077a480a3633bee1ef6",
    "regtest": "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206",
}
OUTCOMES = """ok dns_failed dns_timeout refused unreachable connect_timeout reset tls_timeout
    tls_alert tls_no_version tls_failed reply_timeout closed rate_limited reply_too_long
    malformed_reply wrong_protocol not_electrum version_refused exhausted needs_proxy held_back
    opted_out forbidden_address proxy_failed proxy_refused onion_not_found onion_invalid
    onion_unreachable onion_locked""".split()
SAY_NOTHING = {"exhausted", "needs_proxy", "held_back", "opted_out", "forbidden_address",
               "proxy_failed"}
POOL_SIGNS = {"ip", "stack", "tls", "server_hello", "certificate", "hello2", "jarm", "software",
              "features"}
EXACT_MEDIAN = 128
Z = 1.959963984540054


def by_bytes(text):
    return text.encode("utf-8", "surrogatepass")


# ---- the logs ----------------------------------------------------------------------------------


def lines_of(path):
    with open(path, "rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    with (gzip.open if packed else open)(path, "rb") as log:
        yield from log


def records_of(paths, kind):
    """Records of this type. Lines that do not look like one are not read, which saves time."""
    wanted = re.compile(rb'"type"\s*:\s*"' + kind.encode() + b'"').search
    for path in paths:
        for line in lines_of(path):
            if wanted(line):
                try:
                    record = json.loads(line)
                except ValueError:
                    continue
                if isinstance(record, dict) and record.get("v") == 1 and record["type"] == kind:
                    yield record


class Logs:
    """Every record once, in two readings: first the runs and the times, then what is asked for."""

    def __init__(self, paths, taken_in):
        self.paths = paths
        self.latest = taken_in + DAY
        self.runs = {}
        for record in records_of(paths, "run"):
            self.runs.setdefault((record["vantage"], record["run"]), record)

    def dated(self, record):
        run = self.runs.get((record["vantage"], record["run"]), {})
        return run.get("clock") != "unset" and 1420070400000 <= record["t"] <= self.latest

    def observations(self, vantages):
        seen = collections.defaultdict(set)
        for record in records_of(self.paths, "observation"):
            if vantages and record["vantage"] not in vantages:
                continue
            numbers = seen[record["vantage"], record["run"]]
            if record["seq"] in numbers:
                continue
            numbers.add(record["seq"])
            if record.get("transport") in ("tcp", "tls") and record.get("outcome") in OUTCOMES:
                yield record


# ---- what one endpoint was seen to be ------------------------------------------------------------


class Pair:
    """One endpoint, or one server, and one vantage."""

    def __init__(self):
        self.tried = self.reached = 0
        self.least = None
        self.connects = []

    def add(self, record):
        self.tried += record["outcome"] not in SAY_NOTHING  # T1
        self.reached += record["outcome"] == "ok"
        us, tcp = record.get("us", {}), record.get("tcp", {})
        resent = tcp.get("retransmits", 0) or tcp.get("connect_retransmits", 0)
        if "connect" in us and not record.get("proxied") and not resent:  # L1
            times = [us["connect"], *us.get("pings", [])]
            if "min_rtt_us" in tcp:
                times.append(tcp["min_rtt_us"])
            self.add_sample(min(times), [us["connect"]])

    def add_sample(self, least, connects):
        self.least = least if self.least is None else min(self.least, least)
        self.connects.extend(connects)

    def add_pair(self, other):
        self.tried += other.tried
        self.reached += other.reached
        if other.connects:
            self.add_sample(other.least, other.connects)


def donation_text(value):
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


class Endpoint:
    def __init__(self, host, port, transport):
        self.host, self.port, self.transport = host, port, transport
        self.onion = host.endswith(".onion")
        self.pairs = collections.defaultdict(Pair)
        self.outcomes = collections.Counter()
        self.addresses = set()
        self.changed = set()
        self.listed_chains = set()
        self.last = 0
        self.latest = {}  # kind: ((t, run, seq), record)

    def add(self, record, run):
        self.pairs[record["vantage"]].add(record)
        self.outcomes[record["outcome"]] += 1
        if "ip" in record and not self.onion:
            self.addresses.add(ipaddress.ip_address(record["ip"]))
        self.changed.update(record.get("changed", []))
        self.listed_chains.add(CHAINS.get(run.get("chain", "")))
        self.last = max(self.last, record["t"])
        learned = {"software", "protocol", "features", "donation", "banner"} & set(
            record.get("electrum", {})) or set(record.get("tls", {}))
        answered = record["outcome"] == "ok"
        place = (record["t"], record["run"], record["seq"])
        for kind, fits in (("ok", answered), ("learned", learned),
                           ("shows", answered or "tls" in record.get("us", {}))):
            if fits and (kind not in self.latest or place > self.latest[kind][0]):
                self.latest[kind] = (place, record)

    def settle(self):
        """Rules E1 to E3 and C1, when all observations are in."""
        said = self.latest.get("ok") or self.latest.get("learned")
        electrum = said[1].get("electrum", {}) if said else {}
        features = electrum.get("features", {})
        self.software = electrum.get("software", "")
        self.says_something = bool(self.software or features.get("genesis_hash"))
        self.donation = donation_text(electrum.get("donation"))
        self.banner = electrum.get("banner", {}).get("sha256", "")
        self.named_hosts = {name.lower().removesuffix(".") for name in features.get("hosts", {})}
        genesis = features.get("genesis_hash", "").lower()
        self.genesis = genesis if re.fullmatch("[0-9a-f]{64}", genesis) else None
        self.words = (self.software, electrum.get("protocol", ""),
                      features.get("protocol_min", ""), features.get("protocol_max", ""),
                      features.get("server_version", ""), features.get("genesis_hash", ""),
                      features.get("hash_function", ""), self.donation, self.banner)
        shown = self.latest.get("shows")
        self.leaf = shown[1].get("tls", {}).get("leaf", {}) if shown else {}
        self.key = self.leaf.get("spki_sha256")
        self.certificate = self.leaf.get("sha256")
        own = address_of(self.host)
        if own:
            self.addresses.add(own)
        self.latest = None

    def reached(self):
        return {vantage for vantage, pair in self.pairs.items() if pair.reached}

    def tried(self):
        return {vantage for vantage, pair in self.pairs.items() if pair.tried}


def address_of(host):
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def address_order(address):
    return address.version, address.packed


# ---- servers and operators ---------------------------------------------------------------------


class Sets:
    """Which things have been joined."""

    def __init__(self, things):
        self.above = {thing: thing for thing in things}

    def top(self, thing):
        while self.above[thing] != thing:
            thing = self.above[thing]
        return thing

    def join(self, things):
        first, *others = [self.top(thing) for thing in things]
        for other in others:
            self.above[self.top(other)] = self.top(first)

    def sets(self):
        found = collections.defaultdict(list)
        for thing in self.above:
            found[self.top(thing)].append(thing)
        return list(found.values())


def grouped(things, key):
    """Lists of things of the same key; those whose key is None are in none."""
    found = collections.defaultdict(list)
    for thing in things:
        if key(thing) is not None:
            found[key(thing)].append(thing)
    return found


def host_rank(host):
    return 2 if host.endswith(".onion") else 1 if address_of(host) else 0


def host_order(host):
    return host_rank(host), by_bytes(host)


class Server:
    def __init__(self, endpoints):
        self.endpoints = sorted(endpoints, key=lambda e: (by_bytes(e.host), e.port, e.transport))
        self.hosts = {endpoint.host for endpoint in endpoints}
        self.name = min(self.hosts, key=host_order)  # S4
        self.addresses = sorted(set().union(*(e.addresses for e in endpoints)), key=address_order)
        self.onion = not self.addresses and any(e.onion for e in endpoints)
        self.claims = sorted({e.software for e in endpoints if e.software}, key=by_bytes)
        self.pairs = collections.defaultdict(Pair)
        for endpoint in endpoints:
            for vantage, pair in endpoint.pairs.items():
                self.pairs[vantage].add_pair(pair)
        self.tried = {vantage for vantage, pair in self.pairs.items() if pair.tried}
        self.reached = {vantage for vantage, pair in self.pairs.items() if pair.reached}

    def with_certificate(self):
        return [endpoint for endpoint in self.endpoints if endpoint.certificate]


def servers_of(endpoints):
    hosts = grouped(endpoints, lambda e: e.host)
    sets = Sets(endpoints)
    for found in hosts.values():  # S1
        sets.join(found)
    alike = collections.defaultdict(list)  # S2
    for endpoint in endpoints:
        if endpoint.says_something and (endpoint.key or endpoint.transport == "tcp"):
            for address in endpoint.addresses:
                alike[address, endpoint.port, endpoint.transport, endpoint.key,
                      endpoint.words].append(endpoint)
    for found in alike.values():
        sets.join(found)
    names = {host: set().union(*(e.named_hosts for e in found)) for host, found in hosts.items()}
    keys = {host: {e.key for e in found if e.key} for host, found in hosts.items()}
    for host, named in names.items():  # S3
        for other in named & set(hosts):
            if host in names[other] or keys[host] & keys[other]:
                sets.join([hosts[host][0], hosts[other][0]])
    return sorted((Server(found) for found in sets.sets()), key=lambda s: by_bytes(s.name))


def looks_like_donation(text):
    return re.fullmatch("[0-9A-Za-z]{26,90}", text) is not None


def operators_of(servers, annotations):
    """Name, servers, and whether it is annotated, of each; sets Server.operator."""
    sets = Sets(servers)
    values = collections.defaultdict(list)
    annotated = collections.defaultdict(set)
    for server in servers:
        marks = set()
        for endpoint in server.endpoints:
            marks.update({("certificate", endpoint.certificate), ("key", endpoint.key)})
            if looks_like_donation(endpoint.donation):
                marks.add(("donation", endpoint.donation))
        known_as = server.hosts | {str(address) for address in server.addresses}
        known_as |= {e.certificate for e in server.endpoints if e.certificate}
        for key in known_as:
            operator = annotations.get(key, {}).get("operator")
            if operator:
                marks.add(("annotation", operator))
                annotated[server].add(operator)
        for mark in marks:
            if mark[1]:
                values[mark].append(server)
    for found in values.values():
        sets.join(found)
    operators = []
    for members in sets.sets():
        words = set().union(*(annotated[server] for server in members))
        name = min(words, key=by_bytes) if words else min((s.name for s in members), key=host_order)
        operators.append((name, members, bool(words)))  # O5
        for server in members:
            server.operator = operators[-1]
    return operators


# ---- places ------------------------------------------------------------------------------------

NOWHERE = {"kind": "unknown"}


def read_annotations(path):
    annotations = collections.defaultdict(dict)
    if path:
        with open(path, newline="", encoding="utf-8") as file:
            for row in csv.reader(file):
                if len(row) >= 3 and row[0] != "key" and not row[0].startswith("#"):
                    annotations[row[0]].setdefault(row[1], row[2])
    return annotations


def place_of(server, annotations):
    if server.onion:
        return {"kind": "onion"}
    if not server.addresses:
        return NOWHERE
    return {**NOWHERE, **annotations.get(str(server.addresses[0]), {})}


# ---- figures -----------------------------------------------------------------------------------


class About:
    """A number that may differ by `margin`."""

    def __init__(self, value, margin):
        self.value, self.margin = value, margin


def ratio(part, whole):
    return part / whole if whole else None


def ranked(counter, whole, **more):
    order = sorted(counter.items(), key=lambda item: (-item[1], by_bytes(item[0])))
    return [{"key": key, "count": count, "share": ratio(count, whole)} for key, count in order]


def wilson(successes, trials):
    """The shares whose difference from what was seen is just z standard errors of their own."""
    if not trials:
        return None
    a = trials + Z * Z
    b = 2 * successes + Z * Z
    c = successes * successes / trials
    root = math.sqrt(max(0.0, b * b - 4 * a * c))
    low = 2 * c / (b + root) if successes else 0.0
    high = (b + root) / (2 * a) if successes < trials else 1.0
    return [low, high]


def share_of(items, holds):
    items = list(items)
    return ratio(sum(1 for item in items if holds(item)), len(items))


def figures_of_groups(counts):
    counts = sorted((count for count in counts if count), reverse=True)
    n, groups = sum(counts), len(counts)

    def fewest(part):
        together = 0
        for k, count in enumerate(counts, 1):
            together += count
            if Fraction(together, n) > part:
                return k
        raise AssertionError

    squares = sum(count * count for count in counts)
    entropy = math.log(n) - math.fsum(count * math.log(count) for count in counts) / n
    difference = sum((groups + 1 - 2 * rank) * count for rank, count in enumerate(counts, 1))
    return {
        "hhi": squares / n**2,
        "hhi_unbiased": (squares - n) / (n * (n - 1)) if n > 1 else None,
        "effective": n**2 / squares,
        "entropy": abs(entropy) if groups > 1 else 0.0,
        "gini": difference / (groups * n),
        "nakamoto_50": fewest(Fraction(1, 2)),
        "nakamoto_33": fewest(Fraction(1, 3)),
        "top1": counts[0] / n,
        "top3": sum(counts[:3]) / n,
    }


def bootstrap(counts, figures):
    """Where the ends of 95 % intervals may lie, from draws of Python's own: four standard errors of
    the quantiles of 2,000 draws and of these 800 to either side."""
    draw = random.Random(2026)
    n = sum(counts)
    drawn = collections.defaultdict(list)
    places = range(len(counts))
    for _ in range(800):
        found = figures_of_groups(collections.Counter(draw.choices(places, counts, k=n)).values())
        for name, value in found.items():
            if value is not None:
                drawn[name].append(value)
    intervals = {}
    for name, values in drawn.items():
        values.sort()

        def between(low, high, values=values):
            low, high = values[round(low * 799)], values[round(high * 799)]
            return About((low + high) / 2, (high - low) / 2 * (1 + 1e-9) + 1e-12)

        intervals[name] = [between(0.004, 0.07), between(0.93, 0.996)]
    return intervals


def groups_of(keys, known_of):
    counter = collections.Counter(key for key in keys if key)
    n = sum(counter.values())
    result = {"groups": len(counter), "n": n, "unknown": known_of - n, "shares": ranked(counter, n)}
    if n:
        result |= figures_of_groups(list(counter.values()))
        result["ci95"] = bootstrap(list(counter.values()), result)
    return result


def implementation_of(claim):
    return re.split(r"[/ \-_](?=v?[0-9])", claim, maxsplit=1)[0]


def median(values):
    values = sorted(values)
    return (values[(len(values) - 1) // 2] + values[len(values) // 2]) // 2


def kilometres(one, other):
    """Between two points given by latitude and longitude, on a sphere of 6371 km."""
    a, b, c, d = map(math.radians, (*one, *other))
    half = math.sin((c - a) / 2) ** 2 + math.cos(a) * math.cos(c) * math.sin((d - b) / 2) ** 2
    return 2 * 6371 * math.asin(math.sqrt(half))


def iso(t):
    moment = datetime.datetime.fromtimestamp(t / 1000, datetime.timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


class Judge:
    def __init__(self, asked):
        self.annotations = read_annotations(asked.annotations)
        self.genesis = CHAINS.get(asked.chain, asked.chain.lower())
        self.chain = asked.chain
        logs = Logs(asked.logs, asked.taken_in)
        self.undated = 0
        last = 0
        for record in logs.observations(set()):
            if logs.dated(record):
                last = max(last, record["t"])
            elif not asked.vantage or record["vantage"] in asked.vantage:
                self.undated += 1
        self.until = asked.until if asked.until is not None else (last // HOUR + 1) * HOUR  # W1
        self.since = asked.since if asked.since is not None else self.until - DAY
        self.read(logs, set(asked.vantage))
        self.settle_chains()
        self.suspects = self.find_suspects(self.kept)
        self.servers = servers_of(self.kept)
        if asked.reached:
            self.servers = [server for server in self.servers if server.reached]
            self.kept = [endpoint for server in self.servers for endpoint in server.endpoints]
        self.operators = operators_of(self.servers, self.annotations)
        self.places = {server: place_of(server, self.annotations) for server in self.servers}

    def read(self, logs, vantages):
        self.endpoints = {}
        self.runs = set()
        self.vantages = set()
        for record in logs.observations(vantages):
            if not logs.dated(record) or not self.since <= record["t"] < self.until:
                continue
            name = record["vantage"], record["run"]
            self.runs.add(name)
            self.vantages.add(record["vantage"])
            key = record["host"], record["port"], record["transport"]
            if key not in self.endpoints:
                self.endpoints[key] = Endpoint(*key)
            self.endpoints[key].add(record, logs.runs.get(name, {}))
        for endpoint in self.endpoints.values():
            endpoint.settle()

    def settle_chains(self):
        of_host = collections.defaultdict(set)
        for endpoint in self.endpoints.values():
            if endpoint.genesis:
                of_host[endpoint.host].add(endpoint.genesis)
        kept, others = [], collections.defaultdict(list)
        for endpoint in self.endpoints.values():
            chain = endpoint.genesis  # C1
            for guesses in (of_host[endpoint.host], endpoint.listed_chains):  # C2, C3
                if not chain and len(guesses) == 1:
                    chain = next(iter(guesses))
            if chain in (None, self.genesis):
                kept.append(endpoint)
            else:
                others[chain].append(endpoint)
        self.kept = kept
        self.other_chains = {chain: len(servers_of(found)) for chain, found in others.items()}

    def find_suspects(self, endpoints):  # T4
        suspects = set()
        for vantage in self.vantages:
            tried = [e for e in endpoints if vantage in e.tried()]
            reached = sum(vantage in e.reached() for e in tried)
            others = sum(bool(e.reached() - {vantage}) for e in tried)
            if len(tried) >= 5 and reached < len(tried) / 5 and others >= len(tried) / 2:
                suspects.add(vantage)
        return suspects

    def figures(self):
        return {"snapshot": self.snapshot(), "reachability": self.reachability(),
                "geography": self.geography(), "concentration": self.concentration(),
                "software": self.software(), "latency": self.latency(), "risk": self.risk()}

    def snapshot(self):
        return {"since": iso(self.since), "until": iso(self.until), "chain": self.chain,
                "vantages": len(self.vantages), "runs": len(self.runs),
                "observations": sum(e.outcomes.total() for e in self.kept),
                "endpoints": len(self.kept),
                "addresses": len(set().union(*(e.addresses for e in self.kept))),
                "servers": len(self.servers), "operators": len(self.operators),
                "undated": self.undated,
                "other_chains": sorted(([chain, n] for chain, n in self.other_chains.items()))}

    def reachability(self):
        result = {}
        for transport in ("tcp", "tls"):
            tried = [e for e in self.kept if e.transport == transport and e.tried()]
            reached = sum(bool(e.reached()) for e in tried)
            result[transport] = {"tried": len(tried), "reached": reached,
                                 "ratio": ratio(reached, len(tried)),
                                 "ci95": wilson(reached, len(tried))}
        counts = collections.Counter()
        incidences = []
        for server in self.servers:
            tried, reached = server.tried - self.suspects, server.reached - self.suspects
            counts["untried"] += not server.tried
            counts["reached_any"] += bool(server.reached)
            counts["reached_majority"] += len(reached) > len(tried) / 2
            counts["reached_all"] += bool(tried) and reached == tried
            if reached:
                incidences.append(len(reached))
        known = len(self.servers)
        result["servers"] = {"known": known, "ratio": ratio(counts["reached_any"], known),
                             "ci95": wilson(counts["reached_any"], known)}
        for name in ("untried", "reached_any", "reached_majority", "reached_all"):
            result["servers"][name] = counts[name]
        result["outcomes"] = {"tcp": collections.Counter(), "tls": collections.Counter()}
        for endpoint in self.kept:
            result["outcomes"][endpoint.transport].update(endpoint.outcomes)
        result["by_vantage"] = [
            {"vantage": vantage, "tried": sum(vantage in e.tried() for e in self.kept),
             "reached": sum(vantage in e.reached() for e in self.kept),
             "suspect": vantage in self.suspects}
            for vantage in sorted(self.vantages, key=by_bytes)]
        result["unseen"] = self.unseen(incidences)
        return result

    def unseen(self, incidences):
        """Chao2, its error by the delta method on Q1 and Q2 as Poisson numbers around them."""
        m = len(self.vantages - self.suspects)
        once, twice = incidences.count(1), incidences.count(2)
        result = {"method": "chao2", "observed": len(incidences), "estimate": None, "se": None,
                  "coverage": 1 - once / sum(incidences) if incidences else None}
        if m > 1 and incidences:
            a = Fraction(m - 1, m)
            unseen = a * once * (once - 1) / (2 * (twice + 1))
            result["estimate"] = float(len(incidences) + unseen)
            if once:
                by_once = a * (2 * once - 1) / (2 * (twice + 1))
                by_twice = -unseen / (twice + 1)
                result["se"] = math.sqrt(unseen + once * by_once**2 + twice * by_twice**2)
        return result

    def geography(self):
        n = len(self.servers)
        counters = collections.defaultdict(collections.Counter)
        names, unknown = {}, collections.Counter()
        unlocated = onions = 0
        for server in self.servers:
            place = self.places[server]
            if server.onion:
                onions += 1
                continue
            unlocated += not place.get("country")
            values = {"country": place.get("country"),
                      "city": (place["city"], place.get("country", ""))
                      if place.get("city") else None,
                      "asn": f"AS{place['asn']}" if place.get("asn") else None,
                      "organisation": place.get("as_name")}
            names[values["asn"]] = place.get("as_name")
            for level, value in values.items():
                if value:
                    counters[level][value] += 1
                else:
                    unknown[level] += 1
        result = {level: ranked(counters[level], n)
                  for level in ("country", "asn", "organisation")}
        for entry in result["asn"]:
            entry["name"] = names[entry["key"]]
        cities = sorted(counters["city"].items(),
                        key=lambda item: (-item[1], *map(by_bytes, item[0])))
        result["city"] = [{"key": city, "country": country or None, "count": count, "share": count / n}
                          for (city, country), count in cities]
        result["unlocated"], result["onion"] = unlocated, onions
        result["unknown"] = {level: unknown[level]
                             for level in ("country", "city", "asn", "organisation")}
        return result

    def concentration(self):
        n = len(self.servers)
        places = [self.places[server] for server in self.servers]
        kinds = collections.Counter(place["kind"] for place in places)
        result = {
            "provider": groups_of([place.get("provider") for place in places], n),
            "asn": groups_of([f"AS{place['asn']}" if place.get("asn") else None
                              for place in places], n),
            "country": groups_of([place.get("country") for place in places], n),
            "operator": groups_of([server.operator[0] for server in self.servers], n),
            "cloud_share": {"known": ratio(kinds["cloud"], n),
                            "upper": ratio(kinds["cloud"] + kinds["unknown"], n)},
            "kinds": ranked(kinds, n)}
        shown = collections.defaultdict(set)
        for server in self.servers:
            for endpoint in server.with_certificate():
                shown["sha256", endpoint.certificate].add(server.name)
                shown["spki", endpoint.key].add(server.name)
        reuse = [(by, value, sorted(found, key=by_bytes))
                 for (by, value), found in shown.items() if value and len(found) > 1]
        reuse.sort(key=lambda entry: (-len(entry[2]), entry[0], entry[1]))
        result["certificate_reuse"] = [{"by": by, "value": value, "servers": found}
                                       for by, value, found in reuse]
        return result

    def software(self):
        n = len(self.servers)
        versions, implementations = collections.Counter(), collections.Counter()
        for server in self.servers:
            versions.update(server.claims)
            implementations.update({implementation_of(claim) for claim in server.claims})
        return {"version": ranked(versions, n), "implementation": ranked(implementations, n),
                "silent": sum(not server.claims for server in self.servers),
                "several": [{"server": server.name, "claims": server.claims}
                            for server in self.servers if len(server.claims) > 1]}

    def latency(self):
        by_server = []
        for server in self.servers:
            for vantage in sorted(server.pairs, key=by_bytes):
                pair = server.pairs[vantage]
                if pair.connects:
                    middle = median(pair.connects)
                    if len(pair.connects) > EXACT_MEDIAN:  # L3
                        middle = About(middle, middle * 0.002 + 1)
                    by_server.append({"server": server.name, "vantage": vantage,
                                      "min_us": pair.least, "median_us": middle,
                                      "n": len(pair.connects)})
        return {"pairs": len(by_server), "by_server": by_server, "clusters": self.clusters(),
                "impossible_geo": self.impossible(), "pools": self.pools()}

    def clusters(self):
        least = {server.name: {vantage: pair.least for vantage, pair in server.pairs.items()
                               if pair.connects} for server in self.servers}

        def apart(one, other):
            """The largest difference, or None where they are no neighbours."""
            common = least[one].keys() & least[other].keys()
            largest = max((abs(least[one][v] - least[other][v]) for v in common), default=0)
            return largest if len(common) >= 4 and largest < 2000 else None

        clusters = []
        for server in self.servers:
            for cluster in clusters:
                if all(apart(server.name, member) is not None for member in cluster):
                    cluster.append(server.name)
                    break
            else:
                clusters.append([server.name])
        return [{"servers": cluster,
                 "spread_us": max(apart(one, other) for one in cluster for other in cluster
                                  if one != other)}
                for cluster in clusters if len(cluster) > 1]

    def position(self, fields):
        if "latitude" in fields and "longitude" in fields:
            return float(fields["latitude"]), float(fields["longitude"])
        return None

    def impossible(self):
        found = []
        for server in self.servers:
            there = self.position(self.places[server])
            for vantage in sorted(server.pairs, key=by_bytes):
                here = self.position(self.annotations.get(vantage, {}))
                least = server.pairs[vantage].least
                if there and here and least is not None:
                    if kilometres(here, there) > 99.93 * least / 1000 + 100:
                        found.append([server.name, vantage])
        return found

    def pools(self):
        found = []
        for server in self.servers:
            changed = set().union(*(e.changed for e in server.endpoints)) & POOL_SIGNS
            if len(server.addresses) > 1 or changed:
                found.append({"server": server.name, "addresses": len(server.addresses),
                              "changed": sorted(changed)})
        return found

    def risk(self):
        n = len(self.servers)
        picks = collections.Counter()
        for server in self.servers:
            picks["onion" if server.onion else self.places[server].get("provider") or "unknown"] += 1
        order = sorted(picks.items(), key=lambda item: (-item[1], by_bytes(item[0])))
        shown = [server for server in self.servers if server.with_certificate()]
        reached = [server for server in self.servers if server.reached]

        def over(server, transport):
            return any(e.transport == transport and e.reached() for e in server.endpoints)

        def any_leaf(holds):
            return lambda server: any(holds(e) for e in server.with_certificate())

        def expired(endpoint):
            return "not_after" in endpoint.leaf and endpoint.leaf["not_after"] * 1000 < endpoint.last

        def issued(endpoint):
            return (endpoint.leaf.get("self_signed") is False and
                    endpoint.leaf.get("name_matches") is True and not expired(endpoint))

        def has_name(server):
            return any(host_rank(host) == 0 for host in server.hosts)

        def has_onion_and_more(server):
            return len({host.endswith(".onion") for host in server.hosts}) == 2

        return {
            "single_pick": {key: count / n for key, count in order},
            "eclipse": self.eclipse(),
            "self_signed_share": share_of(shown, any_leaf(lambda e: e.leaf.get("self_signed"))),
            "expired_share": share_of(shown, any_leaf(expired)),
            "name_mismatch_share": share_of(
                shown, any_leaf(lambda e: e.leaf.get("name_matches") is False)),
            "plain_tcp_share": share_of(reached, lambda s: over(s, "tcp")),
            "tcp_only_share": share_of(reached, lambda s: over(s, "tcp") and not over(s, "tls")),
            "transparency": {
                "donation": share_of(reached, lambda s: any(looks_like_donation(e.donation)
                                                            for e in s.endpoints)),
                "banner": share_of(reached, lambda s: any(e.banner for e in s.endpoints)),
                "name": share_of(reached, has_name),
                "issued_certificate": share_of(reached, any_leaf(issued)),
                "onion_pair": share_of(reached, has_onion_and_more),
                "operator": share_of(reached, lambda s: s.operator[2])}}

    def eclipse(self):
        n = len(self.servers)
        result = {"picks": 10, "servers": n}
        for level, groups in (
                ("provider", {server: place.get("provider")
                              for server, place in self.places.items()}),
                ("operator", {server: server.operator[0] for server in self.servers})):
            counter = collections.Counter(group for group in groups.values() if group)
            if not counter:
                result[level] = None
                continue
            key, count = min(counter.items(), key=lambda item: (-item[1], by_bytes(item[0])))
            picks = min(10, n)
            ways = math.comb(n, picks)
            result[level] = {
                "key": key, "count": count, "expected": picks * count / n,
                "at_least_one": float(1 - Fraction(math.comb(n - count, picks), ways)),
                "all": float(Fraction(math.comb(count, picks), ways)),
                "bucketed": self.played({s for s, group in groups.items() if group == key})}
        return result

    def played(self, group, clients=4000):
        """What 4,000 clients with Electrum's rule on buckets meet of the group."""
        draw = random.Random(10)
        members = [(bucket_of(server), server in group) for server in self.servers]
        total = squares = some = every = 0
        for _ in range(clients):
            order = draw.sample(members, min(len(members), 40))
            picks = picked(order)
            if len(picks) < 10 and len(members) > 40:
                picks = picked(draw.sample(members, len(members)))
            ours = sum(picks)
            total += ours
            squares += ours * ours
            some += ours > 0
            every += ours == len(picks)

        def share(hits):
            near = (hits + 1) / (clients + 2)
            return About(hits / clients, 5 * math.sqrt(near * (1 - near) / clients))

        mean = total / clients
        deviation = math.sqrt(max(0, squares / clients - mean * mean) / clients)
        return {"expected": About(mean, 5 * deviation + 5 / clients),
                "at_least_one": share(some), "all": share(every)}


def bucket_of(server):
    if server.onion:
        return "onion"
    if not server.addresses:
        return server.name
    address = server.addresses[0]
    length = 16 if address.version == 4 else 48
    return ipaddress.ip_network((address, length), strict=False)


def picked(order):
    """Whether they are of the group, of the ten servers that stay connected."""
    taken = collections.Counter()
    picks = []
    for bucket, of_group in order:
        if taken[bucket] < (6 if bucket == "onion" else 1) and len(picks) < 10:
            taken[bucket] += 1
            picks.append(of_group)
    return picks


# ---- comparing ---------------------------------------------------------------------------------


class Comparison:
    def __init__(self):
        self.compared = 0
        self.largest = 0.0
        self.largest_at = ""
        self.loose = 0
        self.differing = []

    def differs(self, path, wanted, found):
        self.differing.append(f"{path}: the logs say {wanted!r}, the program {found!r}")

    def compare(self, path, wanted, found):
        if isinstance(wanted, dict):
            if not isinstance(found, dict):
                self.differs(path, "an object", found)
                return
            for key, value in wanted.items():
                if key in found:
                    self.compare(f"{path}.{key}", value, found[key])
                elif value is not None:
                    self.differs(f"{path}.{key}", value, None)
        elif isinstance(wanted, list):
            if not isinstance(found, list) or len(found) != len(wanted):
                length = len(found) if isinstance(found, list) else found
                self.differs(path, f"{len(wanted)} entries", length)
                return
            for i, (one, other) in enumerate(zip(wanted, found)):
                self.compare(f"{path}[{i}]", one, other)
        elif isinstance(wanted, About):
            self.loose += 1
            if not isinstance(found, (int, float)) or abs(found - wanted.value) > wanted.margin:
                self.differs(path, wanted.value, found)
        else:
            self.compared += 1
            self.value(path, wanted, found)

    def value(self, path, wanted, found):
        number = isinstance(wanted, float) or isinstance(found, float)
        if not number or wanted is None or found is None or isinstance(found, (str, dict, list)):
            if wanted != found or isinstance(wanted, bool) != isinstance(found, bool):
                self.differs(path, wanted, found)
            return
        if wanted == found:
            return
        relative = abs(found - wanted) / max(abs(wanted), abs(found))
        if relative > self.largest:
            self.largest, self.largest_at = relative, path
        # Near 0 what counts is how much of a server or a share it is.
        if relative > 1e-9 and abs(found - wanted) > 1e-15:
            self.differs(path, wanted, found)


def compare(name, wanted, found):
    comparison = Comparison()
    comparison.compare(name, wanted, found)
    text = f"{name}: {comparison.compared} figures, largest relative difference "
    text += f"{comparison.largest:.1e}"
    if comparison.largest_at:
        text += f" ({comparison.largest_at})"
    if comparison.loose:
        text += f"; {comparison.loose} within the margin of chance"
    print(text)
    for line in comparison.differing[:20]:
        print("  " + line)
    if len(comparison.differing) > 20:
        print(f"  and {len(comparison.differing) - 20} more")
    return not comparison.differing


def shaped_like_ours(result):
    """The program's lists in the shape in which the judge has them."""
    other = result["snapshot"].get("other_chains", [])
    result["snapshot"]["other_chains"] = sorted([e["genesis"], e["servers"]] for e in other)
    latency = result.get("latency")
    if latency:
        latency["impossible_geo"] = [[e["server"], e["vantage"]]
                                     for e in latency["impossible_geo"]]
    return result


def moment(text):
    t = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    if t.tzinfo is None:
        t = t.replace(tzinfo=datetime.timezone.utc)
    return int(t.timestamp() * 1000)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("result")
    parser.add_argument("logs", nargs="+")
    parser.add_argument("--annotations")
    parser.add_argument("--since", type=moment)
    parser.add_argument("--until", type=moment)
    parser.add_argument("--vantage", action="append", default=[])
    parser.add_argument("--chain", default="bitcoin")
    parser.add_argument("--reached", action="store_true")
    parser.add_argument("--taken-in", type=moment, default=int(time.time() * 1000))
    asked = parser.parse_args()

    with open(asked.result, encoding="utf-8") as file:
        result = shaped_like_ours(json.load(file))
    wanted = Judge(asked).figures()
    judged = [compare(name, wanted[name], result[name]) for name in wanted if name in result]
    return 0 if all(judged) else 1


if __name__ == "__main__":
    sys.exit(main())
