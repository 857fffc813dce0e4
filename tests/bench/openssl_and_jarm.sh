#!/bin/sh
# What the probe records of TLS servers with --tls-fingerprint jarm, by openssl and a JARM program
# ($JARM, else jarm.py), one server after the other: session, chain, facts of the leaf, JARM.
#
#   sh tests/bench/openssl_and_jarm.sh LIST      lines of `host s50002`
#
# Ends each server with a line `found HOST PORT LEAF-SHA-256 JARM`.
set -eu

jarm=${JARM:-python3 tests/integration/jarm.py}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

while read -r host port; do
  port=${port#s}
  openssl s_client -connect "$host:$port" -showcerts </dev/null >"$work/session"
  grep -E 'Protocol|Cipher|Ticket|ticket' "$work/session"

  rm -f "$work"/chain.*
  awk -v name="$work/chain." '/BEGIN CERTIFICATE/ {n++; inside = 1} inside {print >name n}
    /END CERTIFICATE/ {inside = 0}' "$work/session"
  for certificate in "$work"/chain.*; do
    openssl x509 -in "$certificate" -noout -fingerprint -sha256
  done >"$work/chain"
  cat "$work/chain"
  openssl x509 -in "$work/chain.1" -noout -text -checkip "$host"
  openssl x509 -in "$work/chain.1" -noout -pubkey | openssl pkey -pubin -outform DER |
    openssl dgst -sha256

  leaf=$(sed -n '1s/.*=//p' "$work/chain" | tr -d ':' | tr 'A-F' 'a-f')
  # shellcheck disable=SC2086  # the command is words
  $jarm "$host" "$port" >"$work/jarm"
  cat "$work/jarm"
  read -r hash _ <"$work/jarm"
  echo "found $host $port $leaf $hash"
done <"$1"
