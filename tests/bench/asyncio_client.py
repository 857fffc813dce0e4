#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The baseline of the benchmark: a straightforward client with Python's asyncio and ssl.

Visits the endpoints of a list (`host t50001 s50002`) one after the other, sends the eight requests
of electrum-probe one after the other, takes the certificate, and prints one JSON line each.
"""
import asyncio
import hashlib
import json
import ssl
import sys

REQUESTS = [
    ("server.version", ["asyncio-client/1.0", ["1.4", "1.7"]]),
    ("blockchain.headers.subscribe", []),
    ("server.donation_address", []),
    ("server.ping", []),
    ("server.banner", []),
    ("server.peers.subscribe", []),
    ("server.features", []),
    ("mempool.get_info", []),
]
TIMEOUT = 8


async def visit(host, port, context):
    reader, writer = await asyncio.wait_for(
        asyncio.open_connection(host, port, ssl=context, limit=1 << 20), TIMEOUT)
    seen = {"host": host, "port": port, "answers": {}}
    if context:
        der = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        seen["certificate"] = hashlib.sha256(der).hexdigest()
    for number, (method, params) in enumerate(REQUESTS):
        request = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
        writer.write(json.dumps(request).encode() + b"\n")
        await writer.drain()
        reply = {}
        while reply.get("id") != number:
            line = await asyncio.wait_for(reader.readline(), TIMEOUT)
            if not line:
                return seen
            reply = json.loads(line)
        seen["answers"][method] = reply.get("result", reply.get("error"))
    writer.close()
    return seen


async def main(path):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with open(path) as lines:
        for line in lines:
            host, *ports = line.split()
            for port in ports:
                try:
                    seen = await visit(host, int(port[1:]), context if port[0] == "s" else None)
                except (OSError, asyncio.TimeoutError, ValueError) as error:
                    seen = {"host": host, "port": port, "error": repr(error)}
                print(json.dumps(seen))


asyncio.run(main(sys.argv[1]))
