#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reads a log (JSON Lines); prints HOST PORT LEAF-SHA-256 JARM of each observation."""
import json
import sys

for line in sys.stdin:
    seen = json.loads(line)
    if seen["type"] == "observation":
        tls = seen.get("tls", {})
        print(seen["host"], seen["port"], tls.get("leaf", {}).get("sha256"), tls.get("jarm"))
