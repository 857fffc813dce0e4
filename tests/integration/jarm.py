#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""JARM by another hand, for tests: usage: jarm.py ADDRESS PORT [HOST]

Prints the hash and the raw text of the TLS server at ADDRESS. HOST stands in the hellos; it is
ADDRESS unless given. The method is that of salesforce/jarm (BSD-3-Clause).
"""
import hashlib
import os
import random
import socket
import struct
import sys

SUITES = bytes.fromhex(
    "001600330067c09ec0a2009e0039006bc09fc0a3009f004500be008800c4009ac008c009c023c0acc0aec02bc00a"
    "c024c0adc0afc02cc072c073cca913021301cc14c007c012c013c027c02fc014c028c030c060c061c076c077cca8"
    "130513041303cc13c011000a002f003cc09cc0a0009c0035003dc09dc0a1009d004100ba008400c0000700040005")
NUMBERED = (
    "0004 0005 0007 000a 0016 002f 0033 0035 0039 003c 003d 0041 0045 0067 006b 0084 0088 009a 009c "
    "009d 009e 009f 00ba 00be 00c0 00c4 c007 c008 c009 c00a c011 c012 c013 c014 c023 c024 c027 c028 "
    "c02b c02c c02f c030 c060 c061 c072 c073 c076 c077 c09c c09d c09e c09f c0a0 c0a1 c0a2 c0a3 c0ac "
    "c0ad c0ae c0af cc13 cc14 cca8 cca9 1301 1302 1303 1304 1305").split()
NAMES = b"http/0.9 http/1.0 http/1.1 spdy/1 spdy/2 spdy/3 h2 h2c hq".split()

# Version of the record and of the hello, order of suites, GREASE, which names, which versions, and
# whether names and versions run backwards.
PROBES = [
    (0x0303, 0x0303, "forward", False, "all", 3, True),
    (0x0303, 0x0303, "reverse", False, "all", 3, False),
    (0x0303, 0x0303, "top", False, "all", 0, False),
    (0x0303, 0x0303, "bottom", False, "rare", 0, False),
    (0x0303, 0x0303, "middle", True, "rare", 0, True),
    (0x0302, 0x0302, "forward", False, "all", 0, False),
    (0x0301, 0x0303, "forward", False, "all", 4, True),
    (0x0301, 0x0303, "reverse", False, "all", 4, False),
    (0x0301, 0x0303, "without 1.3", False, "all", 4, False),
    (0x0301, 0x0303, "middle", True, "all", 4, True),
]


def ordered(items, order):
    half = len(items) // 2
    if order == "without 1.3":
        return [item for item in items if item[0] != 0x13]
    if order == "reverse":
        return items[::-1]
    if order == "top":
        return items[half::-1]
    if order == "bottom":
        return items[half + 1:]
    if order == "middle":
        mixed = [items[half]]
        for i in range(1, half + 1):
            mixed += [items[half + i], items[half - i]]
        return mixed
    return items


def sized(width, data):
    return len(data).to_bytes(width, "big") + data


def extension(kind, data):
    return struct.pack(">H", kind) + sized(2, data)


def grease():
    return bytes([random.randrange(16) * 16 + 10]) * 2


def hello(probe, host):
    record, version, order, greased, names, versions, backwards = probe
    suites = ordered([SUITES[i:i + 2] for i in range(0, len(SUITES), 2)], order)
    step = -1 if backwards else 1
    protocols = [name for name in NAMES if names == "all" or name not in (b"http/1.1", b"h2")][::step]
    share = b"\x00\x1d" + sized(2, os.urandom(32))
    offered = b"".join(struct.pack(">H", 0x0301 + i) for i in list(range(versions))[::step])
    extensions = b""
    if greased:
        extensions += grease() + b"\x00\x00"
        suites = [grease()] + suites
        share = grease() + b"\x00\x01\x00" + share
        offered = grease() + offered
    extensions += extension(0, sized(2, b"\x00" + sized(2, host)))
    extensions += extension(0x17, b"") + extension(1, b"\x01") + extension(0xff01, b"\x00")
    extensions += extension(10, sized(2, bytes.fromhex("001d001700180019")))
    extensions += extension(11, b"\x01\x00") + extension(0x23, b"")
    extensions += extension(16, sized(2, b"".join(sized(1, name) for name in protocols)))
    extensions += extension(13, sized(2, bytes.fromhex("040308040401050308050501080606010201")))
    extensions += extension(0x33, sized(2, share)) + extension(0x2d, b"\x01\x01")
    if versions:
        extensions += extension(0x2b, sized(1, offered))
    body = struct.pack(">H", version) + os.urandom(32) + sized(1, os.urandom(32))
    body += sized(2, b"".join(suites)) + b"\x01\x00" + sized(2, extensions)
    return b"\x16" + struct.pack(">H", record) + sized(2, b"\x01" + sized(3, body))


def first_record(address, port, data):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as peer:
        peer.settimeout(20)
        try:
            peer.connect((address, port))
            peer.sendall(data)
            reply = b""
            while len(reply) < 5 or len(reply) < 5 + int.from_bytes(reply[3:5], "big"):
                more = peer.recv(1484)
                if not more:
                    break
                reply += more
                if reply[0] != 0x16:
                    break
            return reply[:1484]
        except (ConnectionError, OSError) as error:
            if isinstance(error, socket.timeout):
                raise
            return b""


def read(reply):
    if len(reply) < 44 or reply[0] != 0x16 or reply[5] != 2:
        return "|||"
    at = 44 + reply[43]
    said = reply[at:at + 2].hex() + "|" + reply[9:11].hex() + "|"
    end_of_hello = 9 + int.from_bytes(reply[6:9], "big")
    at += 3
    if at >= end_of_hello:
        return said + "|"
    end = at + 2 + int.from_bytes(reply[at:at + 2], "big")
    at += 2
    kinds, name = [], ""
    while at < end:
        kind, size = struct.unpack(">HH", reply[at:at + 4])
        if kind == 16:
            name = reply[at + 7:at + 4 + size].decode()
        kinds.append("%04x" % kind)
        at += 4 + size
    return said + name + "|" + "-".join(kinds)


def fingerprint(raw):
    if set(raw) == {"|||"}:
        return "0" * 62
    front, tail = "", ""
    for reply in raw:
        suite, version, name, extensions = reply.split("|")
        number = NUMBERED.index(suite) + 1 if suite in NUMBERED else len(NUMBERED) + 1
        front += "%02x" % (number if suite else 0) + ("abcdef"[int(version[3])] if version else "0")
        tail += name + extensions
    return front + hashlib.sha256(tail.encode()).hexdigest()[:32]


def main():
    address, port = sys.argv[1], int(sys.argv[2])
    host = (sys.argv[3] if len(sys.argv) > 3 else address).encode()
    raw = [read(first_record(address, port, hello(probe, host))) for probe in PROBES]
    print(fingerprint(raw))
    print(",".join(raw))


if __name__ == "__main__":
    main()
