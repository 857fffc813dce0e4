#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Lets metrics_judge.py judge the metrics of small networks in which everything happens.

    odd_networks.py ELECTRUM_OBSERVATORY [--networks N] [--first SEED] [--keep FOLDER]

A few hosts with few values to choose from, so that names, addresses, keys, donations and hosts
coincide all the time: servers that boast of others, change between visits, say nothing, answer half;
vantages without a clock, from 1970, of another chain, down; lines twice, contradicting, in any
order, torn. Each is taken in, asked for its metrics in several ways, and judged. Prints the first
network with a figure that differs, leaves its files with --keep, and ends with 1.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile

JUDGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "metrics_judge.py")
BITCOIN = "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f"
TESTNET4 = "00000000da84f2bafbbc53dee25a72ae507ff4914b867c565be350b0da8bf043"
LITECOIN = "12a765e31ffd4059bada1e25190f6e98c99d9714d334efa41a195a7e7e04bfe2"
START = 1751328000000  # 2025-07-01 00:00:00 UTC
DAY = 86400000

ADDRESSES = ["203.0.113.7", "203.0.113.8", "198.51.100.1", "198.51.100.9", "192.0.2.77",
             "2001:db8::7", "2001:db8:1::9"]
HOSTS = ["a.example", "b.example", "c.example", "d.example", "e.example", "203.0.113.7",
         "2001:db8::7", "p" * 56 + ".onion", "q" * 56 + ".onion"]
SOFTWARE = ["ElectrumX 1.16.0", "ElectrumX 1.16.0", "electrs/0.10.5", "Fulcrum 2.1.1",
            "electrs-esplora 0.4.1", "odd-v2_3", "=1+1", "v9", "ElectrumX"]
DONATIONS = ["bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq", "1BoatSLRHtKNngkdXEeobR76b53LETtpyT",
             "", None, "not today", 7, True]
CHANGED = ["ip", "stack", "tls", "tip", "banner", "certificate", "jarm", "software", "features"]
OUTCOMES = ["dns_failed", "refused", "unreachable", "connect_timeout", "tls_alert", "reply_timeout",
            "closed", "rate_limited", "wrong_protocol", "exhausted", "needs_proxy", "held_back",
            "opted_out", "forbidden_address", "proxy_failed", "onion_not_found", "onion_locked"]


def digest(number):
    return f"{number:064x}"


class Network:
    def __init__(self, seed):
        self.draw = random.Random(seed)
        draw = self.draw
        self.wild = draw.choice([0.0, 0.1, 0.5])  # how much changes from visit to visit
        self.good = draw.choice([0.3, 0.7, 0.95])  # how much is answered
        self.vantages = [f"vantage {i}" for i in range(draw.randint(1, 6))]
        self.genesis = draw.choice([[BITCOIN], [BITCOIN, BITCOIN.upper(), "", "x"],
                                    [BITCOIN, TESTNET4, LITECOIN, ""]])
        self.endpoints = sorted({(draw.choice(HOSTS), port, transport)
                                 for _ in range(draw.randint(1, 24))
                                 for port, transport in [draw.choice([(50001, "tcp"),
                                                                      (50002, "tls"),
                                                                      (443, "tls")])]})
        self.addresses = {host: draw.sample(ADDRESSES, draw.choice([1, 1, 1, 2]))
                          for host in HOSTS}
        self.base = {(vantage, host): draw.choice([3000, 4000, 20000, 90000])
                     for vantage in self.vantages for host in HOSTS}
        self.says = {}
        self.shows = {}

    def maybe(self, part, **fields):
        return {name: value for name, value in fields.items() if self.draw.random() < part}

    def new_words(self):
        draw = self.draw
        features = self.maybe(0.9, genesis_hash=draw.choice(self.genesis),
                              protocol_min=draw.choice(["1.4", "1.4"]), hash_function="sha256")
        named = draw.sample(HOSTS + ["A.example", "b.example."], draw.choice([0, 0, 1, 2]))
        features["hosts"] = {name: {"ssl_port": 50002} for name in named}
        words = self.maybe(0.95, software=draw.choice(SOFTWARE), features=features)
        words |= self.maybe(0.7, donation=draw.choice(DONATIONS), protocol="1.4")
        if draw.random() < 0.4:
            words["banner"] = {"text": "x", "sha256": digest(draw.randrange(2)), "bytes": 1}
        return words

    def new_leaf(self):
        draw = self.draw
        number = draw.randrange(6)
        leaf = {"sha256": digest(number), "spki_sha256": digest(100 + number // 2)}
        leaf |= self.maybe(0.8, self_signed=draw.random() < 0.5, name_matches=draw.random() < 0.5,
                           not_after=START // 1000 + draw.choice([-1, 1]) * 86400 * 40)
        return leaf

    def kept(self, memory, key, new):
        """What it was last time, mostly."""
        if key not in memory or self.draw.random() < self.wild:
            memory[key] = new()
        return memory[key]

    def observation(self, vantage, run, seq, t, endpoint):
        draw = self.draw
        host, port, transport = endpoint
        answered = draw.random() < self.good
        record = {"type": "observation", "v": 1, "vantage": vantage, "run": run, "seq": seq,
                  "t": t, "host": host, "port": port, "transport": transport,
                  "outcome": "ok" if answered else draw.choice(OUTCOMES)}
        onion = host.endswith(".onion")
        if onion or draw.random() < 0.05:
            record["proxied"] = True
        if not onion and draw.random() < 0.95:
            record["ip"] = draw.choice(self.addresses[host])
        us = {}
        if answered or draw.random() < 0.3:
            us["connect"] = self.base[vantage, host] + draw.randrange(1500)
            record["tcp"] = self.maybe(0.5, min_rtt_us=us["connect"] - draw.randrange(200))
            record["tcp"] |= self.maybe(0.1, retransmits=draw.randrange(2),
                                        connect_retransmits=draw.randrange(2))
        if transport == "tls" and (answered or draw.random() < 0.3):
            us |= self.maybe(0.9, tls=50000)
        if transport == "tls" and (us or draw.random() < 0.1):
            record["tls"] = {"version": "TLSv1.3"}
            record["tls"] |= self.maybe(0.9, leaf=self.kept(self.shows, endpoint, self.new_leaf))
        if answered or (us and draw.random() < 0.2):
            us |= self.maybe(0.5, pings=[self.base[vantage, host] + draw.randrange(900)])
            record["electrum"] = self.kept(self.says, host if draw.random() < 0.8 else endpoint,
                                           self.new_words)
        if us:
            record["us"] = us
        if draw.random() < 0.05:
            record["changed"] = draw.sample(CHANGED, draw.randrange(4))
            record["visit"] = 2
        if draw.random() < 0.05:
            record["of_the_future"] = {"x": [1, 2]}
        return record

    def records(self):
        draw = self.draw
        times = iter(draw.sample(range(START, START + 2 * DAY), 4000))
        for vantage in self.vantages:
            down = draw.random() < 0.2
            for _ in range(draw.randint(1, 4)):
                run = f"{draw.getrandbits(64):016x}"
                clock = draw.choice(["ntp", "ntp", "unknown", "unset"])
                head = {"type": "run", "v": 1, "vantage": vantage, "run": run, "t": START,
                        "clock": clock}
                if draw.random() < 0.3:
                    head["chain"] = draw.choice(["bitcoin", "testnet4", "liquid"])
                if draw.random() < 0.9:
                    yield head
                era = draw.choice([0] * 9 + [-START + 5, 80 * 365 * DAY])
                for seq in range(1, draw.randint(2, 30)):
                    endpoint = draw.choice(self.endpoints)
                    record = self.observation(vantage, run, seq, next(times) + era, endpoint)
                    if down:
                        for name in ("us", "tcp", "tls", "electrum"):
                            record.pop(name, None)
                        record["outcome"] = "unreachable"
                    yield record

    def annotations(self):
        draw = self.draw
        rows = [("key", "field", "value", "note")]
        for address in ADDRESSES:
            kind, provider, country, city = draw.choice([
                ("cloud", "Big", "DE", "Berlin"), ("hosting", "Small", "FR", "Paris"),
                ("cloud", "", "DE", ""), ("", "", "", ""), ("residential", "", "JP", "Berlin")])
            where = draw.choice([(52.5, 13.4), (35.7, 139.7), (0, 0)])
            for field, value in (("kind", kind), ("provider", provider), ("country", country),
                                 ("city", city)):
                if value and draw.random() < 0.9:
                    rows.append((address, field, value, ""))
            if draw.random() < 0.9:
                rows += [(address, "latitude", str(where[0]), ""),
                         (address, "longitude", str(where[1]), "")]
        for key in [*HOSTS, *ADDRESSES, *map(digest, range(6))]:
            if draw.random() < 0.08:
                rows.append((key, "operator", draw.choice(["Zoe", "Anna & Co"]), "told us"))
        for vantage in self.vantages:
            if draw.random() < 0.5:
                rows += [(vantage, "latitude", "48.1", ""), (vantage, "longitude", "11.6", "")]
        return "".join(",".join(row) + "\n" for row in rows)

    def write(self, folder):
        """Its logs: each record in one of two files, some in both, and rubbish between them."""
        draw = self.draw
        lines = [json.dumps(record) + "\n" for record in self.records()]
        lines += draw.sample(lines, len(lines) // 4)
        # The same name and other content: the first that is taken in counts.
        for line in draw.sample(lines, len(lines) // 20):
            lines.append(line.replace('"outcome": "ok"', '"outcome": "refused"'))
        draw.shuffle(lines)
        cut = draw.randrange(len(lines) + 1)
        paths = [os.path.join(folder, name) for name in ("one.jsonl", "two.jsonl")]
        for path, part in zip(paths, (lines[:cut], lines[cut:])):
            with open(path, "w", encoding="utf-8") as log:
                log.writelines(part)
                log.write(draw.choice(["", lines[0][:30], "\0\0\0\0"]))
        places = os.path.join(folder, "annotations.csv")
        with open(places, "w", encoding="utf-8") as file:
            file.write(self.annotations())
        return paths, places


def judged(program, seed, folder):
    """What the judge has against the program's answers; None when it is content."""
    network = Network(seed)
    logs, annotations = network.write(folder)
    database = os.path.join(folder, "observatory.db")
    # It ends with 1 when the logs held rubbish.
    taken = subprocess.run([program, "ingest", "--db", database, *logs], capture_output=True,
                           text=True, timeout=60)
    if taken.returncode not in (0, 1):
        return f"ingest ended with {taken.returncode}:\n{taken.stderr}"
    window = ["--since", "2025-07-01T06:00", "--until", "2025-07-02T21:00"]
    for options in ([], window, ["--reached"], ["--chain", "testnet4", *window],
                    ["--vantage", network.vantages[0], *window]):
        question = ["--annotations", annotations, *options]
        asked = subprocess.run([program, "metrics", "--format", "json", "--db", database,
                                "--no-libloc", *question], capture_output=True, timeout=60)
        if asked.returncode:
            if b"no observations" in asked.stderr or b"knows no" in asked.stderr:
                continue
            return f"metrics {options} ended with {asked.returncode}:\n{asked.stderr.decode()}"
        answer = os.path.join(folder, "answer.json")
        with open(answer, "wb") as file:
            file.write(asked.stdout)
        verdict = subprocess.run([sys.executable, JUDGE, answer, *logs, *question],
                                 capture_output=True, text=True, timeout=120)
        if verdict.returncode:
            return f"asked with {options}:\n{verdict.stdout}{verdict.stderr}"
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program")
    parser.add_argument("--networks", type=int, default=40)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--keep", help="leave the files of a network that differs here")
    asked = parser.parse_args()
    for seed in range(asked.first, asked.first + asked.networks):
        with tempfile.TemporaryDirectory(prefix="observatory-") as folder:
            complaint = judged(asked.program, seed, folder)
            if complaint:
                print(f"network {seed}: {complaint}")
                if asked.keep:
                    shutil.copytree(folder, asked.keep, dirs_exist_ok=True)
                return 1
    print(f"{asked.networks} networks, no figure differs")
    return 0


if __name__ == "__main__":
    sys.exit(main())
