#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the flat-*.mmdb files: MaxMind DB format 2.0 with the schemas of other publishers.

The content is made up. The form is that of sapics/ip-location-db (city: two files, of which the
first is for IPv4 alone; texts may be empty, coordinates are floats of 4 bytes), of iplocate.io
(asn a number, org) and of IPinfo (asn text with "AS", as_name, country_code).

usage: python3 make_flat.py
"""
import ipaddress
import struct

BUILT = 1795262400  # 2026-11-21T12:00:00Z


class Float(float):
    """A float of 4 bytes."""


def control(kind, size):
    first, extended = (kind << 5, b"") if kind <= 7 else (0, bytes([kind - 7]))
    if size < 29:
        return bytes([first | size]) + extended
    assert size < 285
    return bytes([first | 29]) + extended + bytes([size - 29])


def number(value):
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


def encode(value, kind=None):
    if isinstance(value, dict):
        return control(7, len(value)) + b"".join(encode(k) + encode(v) for k, v in value.items())
    if isinstance(value, list):
        return control(11, len(value)) + b"".join(map(encode, value))
    if isinstance(value, str):
        return control(2, len(value.encode())) + value.encode()
    if isinstance(value, Float):
        return control(15, 4) + struct.pack(">f", value)
    if isinstance(value, float):
        return control(3, 8) + struct.pack(">d", value)
    if isinstance(value, tuple):  # kind, number
        return control(value[0], len(number(value[1]))) + number(value[1])
    return control(6, len(number(value))) + number(value)


def write(path, kind, version, networks):
    bits = 128 if version == 6 else 32
    tree = [[None, None]]
    data, places = b"", {}
    for text, record in networks:
        network = ipaddress.ip_network(text)
        length = network.prefixlen + (bits - network.max_prefixlen)
        first = int(network.network_address)
        node = 0
        for depth in range(length):
            bit = first >> (bits - 1 - depth) & 1
            if depth == length - 1:
                raw = encode(record)
                if raw not in places:
                    places[raw] = len(data)
                    data += raw
                tree[node][bit] = ("data", places[raw])
            else:
                if tree[node][bit] is None:
                    tree.append([None, None])
                    tree[node][bit] = len(tree) - 1
                node = tree[node][bit]
    count = len(tree)

    def record_of(value):
        if value is None:
            return count
        return count + 16 + value[1] if isinstance(value, tuple) else value

    body = b"".join(record_of(v).to_bytes(3, "big") for node in tree for v in node)
    metadata = encode({
        "binary_format_major_version": (5, 2),
        "binary_format_minor_version": (5, 0),
        "build_epoch": (9, BUILT),
        "database_type": kind,
        "description": {"en": "made up"},
        "ip_version": (5, version),
        "languages": ["en"],
        "node_count": (6, count),
        "record_size": (5, 24),
    })
    with open(path, "wb") as file:
        file.write(body + bytes(16) + data + b"\xab\xcd\xefMaxMind.com" + metadata)


def city(country, name, latitude, longitude):
    return {"city": name, "country_code": country, "latitude": Float(latitude),
            "longitude": Float(longitude), "postcode": "", "state1": "", "state2": "",
            "timezone": ""}


def main():
    write("flat-city-ipv4.mmdb", "city ipv4", 4, [
        ("11.1.0.0/16", city("IS", "Reykjavík", 64.125, -21.75)),
        ("11.2.0.0/16", city("PT", "", 39.5, -8.25)),
        ("11.3.0.0/16", {"city": "", "country_code": "", "postcode": ""}),
    ])
    write("flat-second-city-ipv4.mmdb", "second city ipv4", 4, [
        ("11.0.0.0/8", city("ES", "Vigo", 42.25, -8.75)),
    ])
    write("flat-city-ipv6.mmdb", "city ipv6", 6, [
        ("2a0a:1::/32", city("EE", "Tartu", 58.375, 26.75)),
    ])
    write("flat-asn.mmdb", "asn", 6, [
        ("::11.1.0.0/112", {"asn": 64500, "country_code": "IS", "org": "Example Networks"}),
        ("::11.2.0.0/112", {"asn": "AS64501", "as_name": "Example Fibre", "country_code": "pt"}),
        ("::11.3.0.0/112", {"asn": "64502", "org": "", "country_code": "Portugal"}),
        ("::11.4.0.0/112", {"asn": (9, 64503), "org": "Example Cloud"}),
        ("::11.5.0.0/112", {"asn": "AS64504 and more", "org": "Nobody"}),
        ("::11.6.0.0/112", {"asn": (9, 1 << 33), "org": "Nobody"}),
        ("2a0a:1::/32", {"asn": 24940, "org": "Example Six"}),
    ])
    write("flat-other-kind.mmdb", "anonymous", 4, [
        ("11.1.0.0/16", {"is_anonymous": "yes", "latitude": "64.1", "country": "IS"}),
    ])
    write("flat-nowhere.mmdb", "city ipv4", 4, [
        ("11.1.0.0/16", city("IS", "Nowhere", 91.0, 0.5)),
    ])


if __name__ == "__main__":
    main()
