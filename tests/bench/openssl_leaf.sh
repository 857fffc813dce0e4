#!/bin/sh
# The SHA-256 of the certificate of each TLS server of a list (`host t50001 s50002`), by openssl.
#
#   sh tests/bench/openssl_leaf.sh LIST
set -eu

while read -r host ports; do
  for port in $ports; do
    case $port in
      s*)
        openssl s_client -connect "$host:${port#s}" -showcerts </dev/null 2>/dev/null |
          openssl x509 -noout -fingerprint -sha256
        ;;
    esac
  done
done <"$1"
