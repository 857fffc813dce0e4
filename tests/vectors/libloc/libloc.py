#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reads and writes databases of libloc (IPFire Location), format version 1, without libloc.

usage: python3 libloc.py make FILE                  a small one, of made-up networks
       python3 libloc.py look FILE ADDRESS...       country, AS number and AS name, by tabs
       python3 libloc.py sample FILE COUNT          the same of COUNT global ones, always the same
"""
import ipaddress
import random
import struct
import sys

HEADER = ">Q13I2H"
HEADER_END = 8 + 64 + 2 * 2048 + 32
NOTHING = 0xFFFFFFFF
MADE = 1790812800  # 2026-10-01T00:00:00Z

NETWORKS = [
    ("11.1.0.0/16", "FI", 24940),
    ("11.1.128.0/17", "FR", 16276),
    ("11.2.0.0/16", "US", 64500),
    ("11.3.0.0/16", "SE", 64501),
    ("11.4.0.0/16", "NO", 0),
    ("11.5.0.0/16", "T1", 64502),
    ("11.6.0.0/16", "DK", 64503),
    ("11.6.7.0/24", "DE", 64503),
    ("192.168.0.0/16", "ZZ", 64500),
    ("2a0a:1::/32", "NL", 13335),
]
SYSTEMS = {13335: "CLOUDFLARENET", 16276: "OVH SAS", 24940: "Hetzner Online GmbH",
           64500: "Example Cloud Services", 64501: "Quiet Fibre AB"}


def number_of(address):
    return int(address) if address.version == 6 else 0xFFFF << 32 | int(address)


class Database:
    def __init__(self, path):
        with open(path, "rb") as file:
            self.data = file.read()
        assert self.data[:8] == b"LOCDBXX\x01"
        parts = struct.unpack_from(HEADER, self.data, 8)
        (self.systems, self.systems_size, self.networks, _, self.nodes, _, _, _,
         self.texts, _) = parts[4:14]

    def look(self, text):
        number = number_of(ipaddress.ip_address(text))
        node, found = 0, None
        for depth in range(129):
            zero, one, network = struct.unpack_from(">3I", self.data, self.nodes + 12 * node)
            if network != NOTHING:
                found = network
            if depth == 128:
                break
            node = one if number >> (127 - depth) & 1 else zero
            if node == 0:
                break
        if found is None:
            return "", 0, ""
        country, asn = struct.unpack_from(">2s2xI", self.data, self.networks + 12 * found)
        code = country.decode()
        return code if code.isalpha() else "", asn, self.name(asn)

    def name(self, asn):
        low, high = 0, self.systems_size // 8
        while low < high:
            middle = (low + high) // 2
            number, name = struct.unpack_from(">2I", self.data, self.systems + 8 * middle)
            if number == asn:
                start = self.texts + name
                return self.data[start:self.data.index(b"\0", start)].decode()
            low, high = (middle + 1, high) if number < asn else (low, middle)
        return ""


def make(path):
    texts, offsets = b"", {}

    def offset_of(text):
        nonlocal texts
        if text not in offsets:
            offsets[text] = len(texts)
            texts += text.encode() + b"\0"
        return offsets[text]

    vendor, description, licence = map(offset_of, ("nobody", "made up", "MIT"))
    systems = b"".join(struct.pack(">2I", n, offset_of(t)) for n, t in sorted(SYSTEMS.items()))
    nodes, networks = [[0, 0, NOTHING]], b""
    for index, (text, country, asn) in enumerate(NETWORKS):
        network = ipaddress.ip_network(text)
        length = network.prefixlen + (128 - network.max_prefixlen)
        first = number_of(network.network_address)
        node = 0
        for depth in range(length):
            bit = first >> (127 - depth) & 1
            if nodes[node][bit] == 0:
                nodes.append([0, 0, NOTHING])
                nodes[node][bit] = len(nodes) - 1
            node = nodes[node][bit]
        nodes[node][2] = index
        networks += struct.pack(">2s2xIHxx", country.encode(), asn, 0)
    tree = b"".join(struct.pack(">3I", *node) for node in nodes)
    parts, place = [], HEADER_END
    for part in (systems, networks, tree, b"", texts):
        parts += [place, len(part)]
        place += len(part)
    header = struct.pack(HEADER, MADE, vendor, description, licence, *parts, 0, 0)
    with open(path, "wb") as file:
        file.write((b"LOCDBXX\x01" + header).ljust(HEADER_END, b"\0"))
        file.write(systems + networks + tree + texts)


def sample(count):
    """Global addresses, one in four of IPv6."""
    chance = random.Random(5)
    while count > 0:
        if count % 4:
            address = ipaddress.IPv4Address(chance.getrandbits(32))
        else:
            prefix = chance.choice((0x2001, 0x2400, 0x2600, 0x2606, 0x2804, 0x2A00, 0x2A01, 0x2C0F))
            address = ipaddress.IPv6Address(prefix << 112 | chance.getrandbits(16) << 96)
        if address.is_global and not address.is_multicast:
            yield address
            count -= 1


def main():
    what, path, *rest = sys.argv[1:]
    if what == "make":
        make(path)
        return
    database = Database(path)
    for address in sample(int(rest[0])) if what == "sample" else rest:
        print(address, *database.look(str(address)), sep="\t")


if __name__ == "__main__":
    main()
