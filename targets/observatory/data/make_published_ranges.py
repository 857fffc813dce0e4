#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes published_ranges.csv from ipcat's datacenters.csv (github.com/growlfm/ipcat):

    python3 make_published_ranges.py datacenters.csv 2026-08-22 > published_ranges.csv

The date is that of the upstream commit. Rows of one provider that follow each other without a gap
become one; the links are left out.
"""
import csv
import ipaddress
import sys

HEADER = """\
# source: ipcat
# date: {date}
# licence: MIT
# attribution: ipcat, Copyright (c) 2023 Nick Galbreath and contributors
# Address ranges of data centres, most from what their owners publish: datacenters.csv of
# github.com/growlfm/ipcat, made smaller by make_published_ranges.py. IPCAT-LICENSE is its licence.
first,last,provider
"""


def main():
    path, date = sys.argv[1:]
    ranges = []
    with open(path, newline="", encoding="utf-8") as file:
        for first, last, provider, _link in csv.reader(file):
            first, last = int(ipaddress.IPv4Address(first)), int(ipaddress.IPv4Address(last))
            if first > last or (ranges and first <= ranges[-1][1]):
                sys.exit(f"{path}: {provider}: ranges must ascend and not overlap")
            if ranges and ranges[-1][2] == provider and ranges[-1][1] + 1 == first:
                ranges[-1][1] = last
            else:
                ranges.append([first, last, provider])
    sys.stdout.write(HEADER.format(date=date))
    rows = csv.writer(sys.stdout, lineterminator="\n")
    for first, last, provider in ranges:
        rows.writerow([ipaddress.IPv4Address(first), ipaddress.IPv4Address(last), provider])


if __name__ == "__main__":
    main()
