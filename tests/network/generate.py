#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the logs of a network that does not exist, and what is true of it.

    python3 tests/network/generate.py FOLDER [--servers N] [--vantages V] [--days D]
                                             [--every SECONDS] [--seed S]

FOLDER gets one <vantage>.jsonl for each vantage, as electrum-probe writes them; annotations.csv,
which gives each address the place that it has here; and truth.json, the figures that
electrum-observatory should find, for the latest 24 hours ("day") and for everything ("all").
They come from the network itself and from counting along, not from reading the logs again.

The same arguments give the same bytes. Nothing is contacted; all names are below .example and
.onion. Addresses lie in networks that really belong to those providers, so that they can be looked
up in public data as well.
"""
import argparse
import collections
import csv
import datetime
import hashlib
import ipaddress
import json
import math
import os
import random

GENESIS = {
    "bitcoin": "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f",
    "testnet4": "00000000da84f2bafbbc53dee25a72ae507ff4914b867c565be350b0da8bf043",
}

# network, provider, kind, country, city, latitude, longitude, weight
PLACES = [
    ("88.198.0.0/16", "Hetzner", "cloud", "DE", "Nuremberg", 49.45, 11.08, 20),
    ("78.46.0.0/15", "Hetzner", "cloud", "DE", "Falkenstein", 50.48, 12.37, 8),
    ("51.68.0.0/16", "OVHcloud", "cloud", "FR", "Roubaix", 50.69, 3.18, 12),
    ("138.68.64.0/18", "DigitalOcean", "cloud", "DE", "Frankfurt", 50.11, 8.68, 10),
    ("34.96.0.0/12", "Google Cloud", "cloud", "US", "Council Bluffs", 41.26, -95.86, 8),
    ("52.28.0.0/15", "Amazon Web Services", "cloud", "DE", "Frankfurt", 50.11, 8.68, 8),
    ("45.76.0.0/16", "Vultr", "hosting", "SG", "Singapore", 1.35, 103.82, 6),
    ("62.171.128.0/17", "Contabo", "hosting", "DE", "Nuremberg", 49.45, 11.08, 6),
    ("79.192.0.0/10", "Deutsche Telekom", "residential", "DE", "Berlin", 52.52, 13.4, 6),
    ("82.64.0.0/14", "Free", "residential", "FR", "Paris", 48.86, 2.35, 4),
    ("24.0.0.0/12", "Comcast", "residential", "US", "Philadelphia", 39.95, -75.17, 5),
    ("133.200.0.0/14", "", "unknown", "JP", "Tokyo", 35.68, 139.69, 3),
    ("203.0.113.0/24", "", "unknown", "", "", None, None, 1),  # documentation: nobody knows
]

SOFTWARE = [("ElectrumX 1.16.0", 30), ("ElectrumX 1.18.0", 12), ("Fulcrum 1.9.8", 14),
            ("Fulcrum 2.1.1", 22), ("electrs/0.9.11", 10), ("electrs/0.10.5", 9),
            ("electrs-esplora 0.4.1", 2), ("MyOwn \"server\" v1", 1)]

VANTAGE_PLACES = [("berlin", 52.52, 13.4), ("paris", 48.86, 2.35), ("virginia", 39.04, -77.49),
                  ("tokyo", 35.68, 139.69), ("singapore", 1.35, 103.82), ("sydney", -33.87, 151.21),
                  ("saopaulo", -23.55, -46.63), ("london", 51.5, -0.12), ("seattle", 47.6, -122.3),
                  ("mumbai", 19.07, 72.87), ("capetown", -33.92, 18.42), ("helsinki", 60.17, 24.94)]

END = 1751328000000  # 2025-07-01 00:00:00 UTC in ms: the last runs begin less than an interval before
HOUR = 3600000
DAY = 24 * HOUR
SILENT = {"exhausted", "needs_proxy", "held_back", "opted_out", "forbidden_address", "proxy_failed"}


def digest(*parts):
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def distance_km(a, b):
    """Haversine on a sphere of 6371 km."""
    la, lo, lb, lp = map(math.radians, (a[0], a[1], b[0], b[1]))
    h = math.sin((lb - la) / 2) ** 2 + math.cos(la) * math.cos(lb) * math.sin((lp - lo) / 2) ** 2
    return 2 * 6371 * math.asin(math.sqrt(h))


class Server:
    """One machine, with what it says and shows at any time."""

    def __init__(self, number, rng, start, taken):
        self.number = number
        self.chain = "testnet4" if rng.random() < 0.04 else "bitcoin"
        self.operator = None
        self.onion_only = rng.random() < 0.06
        place = rng.choices(PLACES, weights=[p[-1] for p in PLACES])[0]
        network = ipaddress.ip_network(place[0])
        self.place = place
        self.ip = None
        while self.ip is None or self.ip in taken:
            self.ip = str(network[1 + rng.randrange(network.num_addresses - 2)])
        taken.add(self.ip)
        self.name = f"electrum{number}.example"
        if self.onion_only:
            self.name = onion(number)
        elif rng.random() < 0.08:
            self.name = self.ip
        self.hosts = [self.name]
        # A second name of the same machine: same address, port, key, and words (rule S2).
        self.alias = not self.onion_only and rng.random() < 0.05
        if self.alias:
            self.hosts.append(f"alias{number}.example")
        # An onion beside the name, each naming the other (rule S3).
        self.onion_pair = not self.onion_only and rng.random() < 0.06
        if self.onion_pair:
            self.hosts.append(onion(number))
        self.boasts_of = None
        kinds = rng.choices(["both", "tls", "tcp"], weights=[70, 18, 12])[0]
        if self.onion_only:
            kinds = "tcp"
        self.transports = {"both": ["tcp", "tls"], "tls": ["tls"], "tcp": ["tcp"]}[kinds]
        self.software = rng.choices([s for s, _ in SOFTWARE], weights=[w for _, w in SOFTWARE])[0]
        self.two_claims = kinds == "both" and not self.alias and rng.random() < 0.02
        self.upgrade = start + rng.randrange(30 * DAY) if rng.random() < 0.1 else None
        self.certificate_change = start + rng.randrange(30 * DAY) if rng.random() < 0.1 else None
        self.keeps_key = rng.random() < 0.5
        self.self_signed = rng.random() < 0.6
        self.expired = rng.random() < 0.07
        self.names_host = rng.random() < 0.7
        self.fate = rng.choices(["up", "dead", "flaky"], weights=[84, 8, 8])[0]
        self.death = rng.choice(["refused", "connect_timeout", "dns_failed", "unreachable"])
        if self.death == "dns_failed" and self.name == self.ip:
            self.death = "refused"
        self.opted_out = rng.random() < 0.01
        self.certificate_label = f"server {number}"
        self.key_label = f"server {number}"
        self.donation = ""
        self.has_banner = rng.random() < 0.8
        self.silent_genesis = rng.random() < 0.02
        self.down = []  # [from, to) in ms
        for _ in range(rng.randrange(4)):
            begin = start + rng.randrange(30 * DAY)
            self.down.append((begin, begin + rng.randrange(HOUR, 12 * HOUR)))

    def software_at(self, t, transport):
        if self.two_claims and transport == "tls":
            return "Fulcrum 1.12.0"
        if self.upgrade is not None and t >= self.upgrade:
            return "Fulcrum 2.1.1"
        return self.software

    def certificate_at(self, t):
        """(sha256, spki)"""
        changed = self.certificate_change is not None and t >= self.certificate_change
        certificate = self.certificate_label + (" renewed" if changed else "")
        key = self.key_label + (" renewed" if changed and not self.keeps_key else "")
        return digest("certificate", certificate), digest("key", key)


def onion(number):
    return hashlib.sha256(f"onion {number}".encode()).hexdigest().translate(
        str.maketrans("0189", "wxyz"))[:56] + ".onion"


def make_operators(servers, rng):
    """Gives some servers an owner in common, by one kind of evidence each."""
    free = [s for s in servers if s.chain == "bitcoin" and s.fate == "up"]
    rng.shuffle(free)
    number = 0
    while len(free) > len(servers) // 2:
        size = min(len(free), rng.choice([2, 2, 2, 3, 3, 4, 6, 9]))
        members, free = free[:size], free[size:]
        tls = all("tls" in s.transports for s in members)
        evidence = rng.choice(["certificate", "key", "donation"] if tls else ["donation"])
        for server in members:
            server.operator = number
            if evidence == "certificate":
                server.certificate_label = server.key_label = f"operator {number}"
                server.certificate_change = None
            elif evidence == "key":
                server.key_label = f"operator {number}"
                server.certificate_change = None
            else:
                server.donation = "bc1q" + digest("donation", number)[:38]
        number += 1


def make_boasters(servers, rng):
    """Some name a stranger among their hosts, which joins nothing."""
    for server in servers:
        stranger = rng.choice(servers)
        mine = server.operator is not None and server.operator == stranger.operator
        if rng.random() < 0.03 and stranger is not server and not mine and not stranger.boasts_of:
            server.boasts_of = stranger.name


class Endpoint:
    def __init__(self, server, host, transport):
        self.server = server
        self.host = host
        self.transport = transport
        self.onion = host.endswith(".onion")
        self.port = 50001 if transport == "tcp" else 50002
        self.cache = {}

    def facts(self, t):
        """What a visit that succeeds writes of it, as JSON text before and behind the height."""
        server = self.server
        software = server.software_at(t, self.transport)
        certificate, key = server.certificate_at(t)
        state = (software, certificate)
        if state not in self.cache:
            self.cache[state] = self.render(software, certificate, key)
        return self.cache[state]

    def render(self, software, certificate, key):
        server = self.server
        hosts = {}
        if server.onion_pair:
            hosts = {h: {"tcp_port": 50001, "ssl_port": 50002} for h in server.hosts}
        if server.boasts_of:
            hosts[server.boasts_of] = {"ssl_port": 50002}
        text = ""
        if self.transport == "tls":
            text += ',"tls":' + compact({
                "version": "TLSv1.3", "cipher": "TLS_AES_256_GCM_SHA384", "chain": [certificate],
                "leaf": {"sha256": certificate, "spki_sha256": key, "bytes": 800, "version": 3,
                         "subject": "CN=" + server.certificate_label,
                         "issuer": "CN=" + (server.certificate_label if server.self_signed
                                            else "An Authority"),
                         "san": [self.host], "serial": certificate[:16],
                         "not_before": 1700000000,
                         "not_after": 1735689600 if server.expired else 1924992000,
                         "key": "rsa-2048", "signature": "sha256WithRSAEncryption",
                         "self_signed": server.self_signed, "name_matches": server.names_host}})
        features = {"protocol_min": "1.4", "protocol_max": "1.4.2", "hash_function": "sha256",
                    "server_version": software, "pruning": None, "hosts": hosts}
        if not server.silent_genesis:
            features["genesis_hash"] = GENESIS[server.chain]
        electrum = {"software": software, "protocol": "1.4.2", "donation": server.donation}
        if server.has_banner:
            banner = f"Welcome to electrum server {server.number}"
            electrum["banner"] = {"text": banner, "sha256": hashlib.sha256(banner.encode()).hexdigest(),
                                  "bytes": len(banner)}
        electrum["tip"] = {"height": "HEIGHT"}
        electrum["features"] = features
        text += ',"electrum":' + compact(electrum)
        head, tail = text.split('"HEIGHT"')
        return (head, tail + ',"wire":{"order":"jsonrpc,result,id","spaced":true,"eol":"lf"}}\n')


class Pair:
    """What is true of one endpoint and one vantage in one window."""
    __slots__ = ("tried", "reached", "least", "connects")

    def __init__(self):
        self.tried = self.reached = 0
        self.least = None
        self.connects = []


class Truth:
    """Counts along, for one window."""

    def __init__(self, since, until):
        self.since, self.until = since, until
        self.observations = 0
        self.pairs = collections.defaultdict(Pair)      # (endpoint, vantage)
        self.outcomes = collections.Counter()           # (endpoint, outcome)
        self.ok_at = {}                                 # endpoint -> latest t with ok
        self.last_at = {}
        self.runs = collections.Counter()
        self.addresses = collections.defaultdict(set)

    def add(self, endpoint, vantage, run, t, outcome, ip, connect, minimum):
        if not self.since <= t < self.until:
            return
        self.observations += 1
        self.runs[run] += 1
        self.outcomes[endpoint, outcome] += 1
        self.last_at[endpoint] = max(t, self.last_at.get(endpoint, 0))
        if ip and not endpoint.onion:
            self.addresses[endpoint].add(ip)
        pair = self.pairs[endpoint, vantage]
        if outcome not in SILENT:
            pair.tried += 1
        if outcome == "ok":
            pair.reached += 1
            self.ok_at[endpoint] = max(t, self.ok_at.get(endpoint, 0))
        if connect is not None:
            pair.connects.append(connect)
            pair.least = minimum if pair.least is None else min(pair.least, minimum)


class Run:
    """One run of a vantage. Its times are known before it is written."""

    def __init__(self, vantage, number, begin, visits, seed):
        self.vantage = vantage
        self.begin = begin
        self.rng = random.Random(f"{seed} {vantage['name']} {number}")
        self.name = digest("run", seed, vantage["name"], number)[:16]
        self.undated = vantage["undated"] and number == 0
        step = max(2, min(400, 6000000 // visits))
        t = begin
        self.times = []
        for _ in range(visits):
            t += 1 + self.rng.randrange(step)
            self.times.append(t)


def write_run(run, log, endpoints, truths, first):
    vantage, rng = run.vantage, run.rng
    name = vantage["name"]
    # A device without a clock begins in 1970.
    shift = 5000 - run.begin if run.undated else 0
    log.write(compact({"type": "run", "v": 1, "vantage": name, "run": run.name,
                       "t": run.begin + shift, "software": "electrum-probe 0.1.0",
                       "tls_engine": "mbedTLS 3.6.4", "tls_newest": "TLSv1.3",
                       "clock": "unset" if run.undated else "ntp"}) + "\n")
    down = any(a <= run.begin < b for a, b in vantage["down"])
    head = f'{{"type":"observation","v":1,"vantage":"{name}","run":"{run.name}","seq":'
    height = 900000 + (run.begin - first) // 600000
    lines = []
    for seq, (endpoint, t) in enumerate(zip(endpoints, run.times), 1):
        server = endpoint.server
        proxied = endpoint.onion
        ip = None if endpoint.onion else server.ip
        connect = minimum = None
        timing = ""
        base = vantage["base"].get(server.number)
        if endpoint.onion and not vantage["tor"]:
            outcome = "needs_proxy"
        elif server.opted_out:
            outcome = "opted_out"
        elif down:
            outcome = "unreachable"
        elif server.fate == "dead":
            outcome = "onion_not_found" if endpoint.onion else server.death
            if outcome == "dns_failed":
                ip = None
        elif any(a <= t < b for a, b in server.down):
            outcome = "onion_unreachable" if endpoint.onion else "connect_timeout"
        elif server.fate == "flaky" and rng.random() < 0.5:
            outcome = rng.choice(["reply_timeout", "rate_limited", "held_back"])
        else:
            outcome = "ok"
        resent = rng.random() < 0.02
        if outcome in ("ok", "reply_timeout", "rate_limited"):
            if proxied:
                timing = f',"us":{{"proxy":{rng.randrange(300000, 2000000)}'
            else:
                delay = base + int(rng.expovariate(1 / 2000))
                if resent:
                    delay += 1000000
                least = max(1, delay - rng.randrange(0, 300))
                timing = f',"us":{{"connect":{delay}'
                if not resent:
                    connect, minimum = delay, least
            if endpoint.transport == "tls" and outcome == "ok":
                timing += f',"tls":{rng.randrange(30000, 90000)}'
            if outcome == "ok":
                pings = [(base or 200000) + rng.randrange(100, 9000) for _ in range(2)]
                if connect is not None:
                    minimum = min(minimum, *pings)
                timing += f',"version":{rng.randrange(20000, 90000)},"pings":[{pings[0]},{pings[1]}]'
            timing += "}"
            if not proxied:
                timing += f',"tcp":{{"rtt_us":{least + 50},"min_rtt_us":{least}'
                timing += ',"connect_retransmits":1}' if resent else "}"
        line = (f'{head}{seq},"t":{t + shift},"host":"{endpoint.host}","port":{endpoint.port},'
                f'"transport":"{endpoint.transport}"')
        if ip:
            line += f',"ip":"{ip}"'
        line += f',"outcome":"{outcome}"'
        if proxied and outcome not in ("needs_proxy", "opted_out", "held_back"):
            line += ',"proxied":true'
        line += timing
        if outcome == "ok":
            before, after = endpoint.facts(t)
            line += f"{before}{height + (t - run.begin) // 600000}{after}"
        else:
            line += "}\n"
        lines.append(line)
        if not run.undated:
            for truth in truths:
                truth.add(endpoint, name, run.name, t, outcome, ip, connect, minimum)
    log.write("".join(lines))
    log.write(compact({"type": "end", "v": 1, "vantage": name, "run": run.name,
                       "seq": len(endpoints) + 1, "t": run.times[-1] + shift + 1,
                       "observations": len(endpoints)}) + "\n")


# ---- what is true -----------------------------------------------------------------------------

def ranked(counter, of):
    return [{"key": k, "count": n, "share": n / of}
            for k, n in sorted(counter.items(), key=lambda e: (-e[1], e[0].encode()))]


def best_name(hosts):
    def rank(host):
        if host.endswith(".onion"):
            return 2, host
        try:
            ipaddress.ip_address(host)
            return 1, host
        except ValueError:
            return 0, host
    return min(hosts, key=rank)


def servers_of(truth):
    """Lists of endpoints that are one server, as far as the window shows it."""
    seen = collections.defaultdict(list)
    for endpoint in truth.last_at:
        seen[endpoint.server].append(endpoint)
    groups = []
    for server, endpoints in seen.items():
        by_host = collections.defaultdict(list)
        for endpoint in endpoints:
            by_host[endpoint.host].append(endpoint)
        ok = {host: {e.transport: truth.ok_at[e] for e in found if e in truth.ok_at}
              for host, found in by_host.items()}
        groups_here = [[host] for host in by_host]

        def join(one, other):
            a = next(g for g in groups_here if one in g)
            b = next(g for g in groups_here if other in g)
            if a is not b:
                a.extend(b)
                groups_here.remove(b)

        def says(host, transport):
            t = ok[host][transport]
            return server.software_at(t, transport), server.certificate_at(t)[1]

        # Rule S2: the same words, and with TLS the same key.
        clear = [h for h in by_host if not h.endswith(".onion")]
        for one in clear:
            for other in clear:
                for transport in ok[one]:
                    parts = 1 if transport == "tcp" else 2
                    if one < other and transport in ok[other] and \
                            says(one, transport)[:parts] == says(other, transport)[:parts]:
                        join(one, other)
        # Rule S3: each names the other.
        if server.onion_pair:
            named = [h for h in by_host if ok[h]]
            for one in named:
                for other in named:
                    if one < other:
                        join(one, other)
        for group in groups_here:
            groups.append((server, [e for host in group for e in by_host[host]]))
    return groups


def chain_of(group, truth):
    server, endpoints = group
    if server.silent_genesis or not any(e in truth.ok_at for e in endpoints):
        return None
    return server.chain


def median(values):
    values = sorted(values)
    return (values[(len(values) - 1) // 2] + values[len(values) // 2]) // 2


def figures(truth):
    present = sorted({vantage for _, vantage in truth.pairs})
    groups = servers_of(truth)
    kept = [g for g in groups if chain_of(g, truth) in (None, "bitcoin")]
    other = len(groups) - len(kept)
    endpoints = [e for _, found in kept for e in found]
    inside = set(endpoints)
    result = {}

    reached_by = collections.defaultdict(set)
    tried_by = collections.defaultdict(set)
    for (endpoint, vantage), pair in truth.pairs.items():
        if endpoint not in inside:
            continue
        if pair.tried:
            tried_by[endpoint].add(vantage)
        if pair.reached:
            reached_by[endpoint].add(vantage)
    reach = {}
    for transport in ("tcp", "tls"):
        reach[transport] = {
            "tried": sum(1 for e in endpoints if e.transport == transport and tried_by[e]),
            "reached": sum(1 for e in endpoints if e.transport == transport and reached_by[e])}
    by_vantage = []
    suspects = set()
    for name in present:
        tried = [e for e in endpoints if name in tried_by[e]]
        reached = sum(1 for e in tried if name in reached_by[e])
        others = sum(1 for e in tried if reached_by[e] - {name})
        suspect = len(tried) >= 5 and reached * 5 < len(tried) and others * 2 >= len(tried)
        if suspect:
            suspects.add(name)
        by_vantage.append({"vantage": name, "tried": len(tried), "reached": reached,
                           "suspect": suspect})
    counts = collections.Counter()
    names = {}
    incidences = []
    for group in kept:
        server, found = group
        names[id(group)] = best_name({e.host for e in found})
        tried = set().union(*(tried_by[e] for e in found))
        reached = set().union(*(reached_by[e] for e in found))
        fair_tried, fair_reached = tried - suspects, reached - suspects
        counts["known"] += 1
        counts["untried"] += not tried
        counts["reached_any"] += bool(reached)
        counts["reached_majority"] += len(fair_reached) * 2 > len(fair_tried)
        counts["reached_all"] += bool(fair_tried) and fair_reached == fair_tried
        if fair_reached:
            incidences.append(len(fair_reached))
    reach["servers"] = {k: counts[k] for k in
                        ("known", "untried", "reached_any", "reached_majority", "reached_all")}
    outcomes = {"tcp": collections.Counter(), "tls": collections.Counter()}
    for (endpoint, outcome), n in truth.outcomes.items():
        if endpoint in inside:
            outcomes[endpoint.transport][outcome] += n
    reach["outcomes"] = outcomes
    reach["by_vantage"] = by_vantage
    m = len(present) - len(suspects)
    once, twice = incidences.count(1), incidences.count(2)
    reach["unseen"] = {"observed": len(incidences),
                       "estimate": len(incidences) + (m - 1) / m * once * (once - 1) / (2 * (twice + 1))
                       if m > 1 else None}
    result["reachability"] = reach

    n = len(kept)
    country, city, provider, kinds = (collections.Counter() for _ in range(4))
    unlocated = onions = 0
    for server, found in kept:
        located = any(truth.addresses[e] or e.host == server.ip for e in found)
        if not located:
            is_onion = any(e.onion for e in found)
            onions += is_onion
            unlocated += not is_onion
            kinds["onion" if is_onion else "unknown"] += 1
            continue
        _, p, kind, c, town, _, _, _ = server.place
        kinds[kind] += 1
        if c:
            country[c] += 1
        else:
            unlocated += 1
        if p:
            provider[p] += 1
        if town:
            city[town] += 1
    result["geography"] = {"country": ranked(country, n), "city": ranked(city, n),
                           "unlocated": unlocated, "onion": onions}

    versions, silent, several = collections.Counter(), 0, []
    software = {}
    for group in kept:
        claims = {group[0].software_at(truth.ok_at[e], e.transport)
                  for e in group[1] if e in truth.ok_at}
        software[id(group)] = claims
        versions.update(claims)
        silent += not claims
        if len(claims) > 1:
            several.append({"server": names[id(group)], "claims": sorted(claims)})
    result["software"] = {"version": ranked(versions, n), "silent": silent,
                          "several": sorted(several, key=lambda s: s["server"].encode())}

    reuse = {"sha256": collections.defaultdict(set), "spki": collections.defaultdict(set)}
    donations = collections.defaultdict(set)
    shown = collections.Counter()
    for group in kept:
        server, found = group
        name = names[id(group)]
        with_certificate = [e for e in found if e.transport == "tls" and e in truth.ok_at]
        for e in with_certificate:
            certificate, key = server.certificate_at(truth.ok_at[e])
            reuse["sha256"][certificate].add(name)
            reuse["spki"][key].add(name)
        if with_certificate:
            shown["all"] += 1
            shown["self_signed"] += server.self_signed
            shown["expired"] += server.expired
            shown["mismatch"] += not server.names_host
        if server.donation and any(e in truth.ok_at for e in found):
            donations[server.donation].add(name)
    operators = {names[id(g)]: {names[id(g)]} for g in kept}
    for groups_of in (*reuse.values(), donations):
        for members in groups_of.values():
            merged = set().union(*(operators[m] for m in members))
            for member in merged:
                operators[member] = merged
    distinct = {best_name(m): len(m) for m in operators.values()}
    result["concentration"] = {
        "provider": {"n": sum(provider.values()), "unknown": n - sum(provider.values()),
                     "shares": ranked(provider, sum(provider.values()))},
        "country": {"n": sum(country.values()), "shares": ranked(country, sum(country.values()))},
        "operator": {"n": n, "groups": len(distinct), "shares": ranked(distinct, n)},
        "kinds": ranked(kinds, n),
        "cloud_share": {"known": kinds["cloud"] / n, "upper": (kinds["cloud"] + kinds["unknown"]) / n},
        "certificate_reuse": [
            {"by": by, "value": value, "servers": sorted(members, key=str.encode)}
            for by in ("sha256", "spki")
            for value, members in reuse[by].items() if len(members) > 1]}
    result["concentration"]["certificate_reuse"].sort(
        key=lambda r: (-len(r["servers"]), r["by"], r["value"]))
    result["risk"] = {f"{k}_share": shown[w] / shown["all"] if shown["all"] else None
                      for k, w in (("self_signed", "self_signed"), ("expired", "expired"),
                                   ("name_mismatch", "mismatch"))}

    by_server = []
    for group in kept:
        for vantage in present:
            connects, least = [], None
            for e in group[1]:
                pair = truth.pairs.get((e, vantage))
                if pair and pair.connects:
                    connects += pair.connects
                    least = pair.least if least is None else min(least, pair.least)
            if connects:
                by_server.append({"server": names[id(group)], "vantage": vantage, "min_us": least,
                                  "median_us": median(connects), "n": len(connects)})
    by_server.sort(key=lambda r: (r["server"].encode(), r["vantage"]))
    result["latency"] = {"pairs": len(by_server), "by_server": by_server}
    result["snapshot"] = {
        "since": iso(truth.since), "until": iso(truth.until), "vantages": len(present), "runs": len(truth.runs),
        "observations": sum(n for (e, _), n in truth.outcomes.items() if e in inside),
        "endpoints": len(endpoints), "servers": n, "operators": len(distinct),
        "addresses": len(set().union(*(truth.addresses[e] for e in endpoints))),
        "other_chains": [{"genesis": GENESIS["testnet4"], "name": "testnet4", "servers": other}]
        if other else []}
    return result


def iso(t):
    return datetime.datetime.fromtimestamp(t / 1000, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def make_vantages(number, servers, rng):
    vantages = []
    for i in range(number):
        place = VANTAGE_PLACES[i % len(VANTAGE_PLACES)]
        base = {}
        for server in servers:
            if server.place[5] is None:
                base[server.number] = rng.randrange(20000, 200000)
            else:
                km = distance_km(place[1:], server.place[5:7])
                base[server.number] = int(km / 99.93 * 1000 * 1.4) + rng.randrange(500, 6000)
        vantages.append({"name": f"{place[0]}-{i}", "base": base, "tor": i % 3 == 0,
                         # The last one was offline in the last day; the second one's first run
                         # did not know the date.
                         "down": [(END - DAY, END)] if 0 < i == number - 1 else [],
                         "undated": i == 1})
    return vantages


def write_annotations(path, servers):
    with open(path, "w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["key", "field", "value", "note"])
        for server in servers:
            _, provider, kind, country, city, latitude, longitude, _ = server.place
            for field, value in (("provider", provider), ("kind", kind), ("country", country),
                                 ("city", city), ("latitude", latitude), ("longitude", longitude)):
                if value:
                    table.writerow([server.ip, field, value, ""])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder")
    parser.add_argument("--servers", type=int, default=2000)
    parser.add_argument("--vantages", type=int, default=12)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--every", type=int, default=86400, help="seconds between runs of a vantage")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()

    rng = random.Random(asked.seed)
    interval = asked.every * 1000
    first = END - asked.days * DAY
    taken = set()
    servers = [Server(i, rng, first, taken) for i in range(asked.servers)]
    make_operators(servers, rng)
    make_boasters(servers, rng)
    endpoints = [Endpoint(s, host, transport) for s in servers for host in s.hosts
                 for transport in (["tcp"] if host.endswith(".onion") else s.transports)]
    vantages = make_vantages(asked.vantages, servers, rng)
    runs = []
    for vantage in vantages:
        offset = rng.randrange(interval // 4)
        for number in range(asked.days * DAY // interval):
            begin = first + number * interval + offset
            runs.append(Run(vantage, number, begin, len(endpoints), asked.seed))

    # The default window: up to the end of the hour of the last observation.
    until = max(run.times[-1] for run in runs if not run.undated) // HOUR * HOUR + HOUR
    truths = {"day": Truth(until - DAY, until), "all": Truth(0, until)}
    os.makedirs(asked.folder, exist_ok=True)
    for vantage in vantages:
        path = os.path.join(asked.folder, vantage["name"] + ".jsonl")
        with open(path, "w", encoding="utf-8") as log:
            for run in runs:
                if run.vantage is vantage:
                    write_run(run, log, endpoints, truths.values(), first)
    write_annotations(os.path.join(asked.folder, "annotations.csv"), servers)
    truth = {name: figures(window) for name, window in truths.items()}
    truth["undated"] = sum(len(run.times) for run in runs if run.undated)
    truth["records"] = sum(len(run.times) + 2 for run in runs)
    with open(os.path.join(asked.folder, "truth.json"), "w", encoding="utf-8") as file:
        json.dump(truth, file, indent=1, sort_keys=True)
    print(f"{truth['records']} records of {len(vantages)} vantages, {len(servers)} servers, "
          f"{len(endpoints)} endpoints")


if __name__ == "__main__":
    main()
