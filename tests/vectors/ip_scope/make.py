#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes addresses and whether they are global, to standard output.

What Python's ipaddress module knows decides. Its table (3.11) is older than some entries of the
IANA registries, and it takes multicast for global; both is put right below.

usage: python3 make.py > addresses.txt
"""
import ipaddress as ip
import random

# Not in the table of Python 3.11: RFC 6890 (the whole block), RFC 7526, RFC 9637.
MISSING = [ip.ip_network(n) for n in ("192.0.0.0/24", "192.88.99.0/24", "3fff::/20")]
NAT64 = ip.ip_network("64:ff9b::/96")


def low32(address):
    return ip.IPv4Address(int(address) & 0xFFFFFFFF)


def is_global(address):
    if any(address.version == n.version and address in n for n in MISSING):
        return False
    if address.version == 4:
        return address.is_global and not address.is_multicast
    if address in NAT64:
        return is_global(low32(address))
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    if address.is_site_local or address.ipv4_mapped is not None or address.teredo is not None:
        return False
    if address.sixtofour is not None:
        return is_global(address.sixtofour)
    if address.packed[8:12] in (b"\x00\x00\x5e\xfe", b"\x02\x00\x5e\xfe"):
        return is_global(low32(address))
    return True


V4 = """0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24
192.0.0.0/29 192.0.2.0/24 192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16
192.175.48.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4
255.255.255.255/32 1.1.1.0/24 8.8.8.0/24""".split()
V6 = """::/128 ::1/128 ::/96 ::ffff:0:0/96 64:ff9b::/96 64:ff9b:1::/48 100::/64 100:0:0:1::/64 200::/7
2000::/3 2001::/23 2001::/32 2001:1::1/128 2001:1::2/128 2001:2::/48 2001:3::/32 2001:4:112::/48
2001:10::/28 2001:20::/28 2001:30::/28 2001:200::/23 2001:db8::/32 2002::/16 2400::/12 2600::/12
2620:4f:8000::/48 2a00::/12 3ffe::/16 3fff::/20 4000::/3 5f00::/16 fc00::/7 fc00::/8 fd00::/8
fe00::/9 fe80::/10 fec0::/10 ff00::/8 ff02::1/128 ff0e::/16""".split()


def edges(network):
    n = ip.ip_network(network)
    first, last = int(n.network_address), int(n.broadcast_address)
    inside = [first, first + 1, (first + last) // 2, last - 1, last, random.randint(first, last)]
    top = 2 ** n.max_prefixlen - 1
    make = type(n.network_address)
    return [make(i) for i in (first - 1, *inside, last + 1) if 0 <= i <= top]


def embedded(v4):
    i = int(v4)
    yield ip.IPv6Address(i)  # IPv4-compatible
    yield ip.IPv6Address(0xFFFF << 32 | i)  # IPv4-mapped
    yield ip.IPv6Address((0x64 << 112 | 0xFF9B << 96) | i)  # NAT64
    yield ip.IPv6Address((0x64 << 112 | 0xFF9B << 96 | 1 << 80) | i)  # NAT64, local form
    yield ip.IPv6Address(0x2002 << 112 | i << 80 | random.getrandbits(80))  # 6to4
    yield ip.IPv6Address(0x2001 << 112 | i << 64 | random.getrandbits(64))  # Teredo, server
    yield ip.IPv6Address(0x2001 << 112 | 0x08080808 << 64 | i ^ 0xFFFFFFFF)  # Teredo, client
    prefix = 0x26000000 << 96 | random.getrandbits(32) << 64
    yield ip.IPv6Address(prefix | 0x00005EFE << 32 | i)  # ISATAP
    yield ip.IPv6Address(prefix | 0x02005EFE << 32 | i)


def main():
    random.seed(20261122)
    v4 = [a for n in V4 for a in edges(n)]
    v4 += [ip.IPv4Address(random.getrandbits(32)) for _ in range(400)]
    v6 = [a for n in V6 for a in edges(n)]
    v6 += [ip.IPv6Address(1 << 125 | random.getrandbits(125)) for _ in range(300)]
    v6 += [ip.IPv6Address(random.getrandbits(128)) for _ in range(200)]
    v6 += [a for x in v4[:230] for a in embedded(x)]
    print("# Made by make.py; README.md one folder up says more.")
    for address in dict.fromkeys(v4 + v6):
        print("global" if is_global(address) else "local", address)


main()
