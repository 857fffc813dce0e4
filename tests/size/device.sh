#!/bin/sh
# Looks at a static probe: its size against devices.csv, that it needs no floating-point unit where
# the device may have none, and that it has no allocator and nothing to do with private keys.
#
#   device.sh PRESET MBEDTLS FOLDER      FOLDER: of the build
set -eu
preset=$1
mbedtls=$2
binary=$3/bin/electrum-probe
unstripped=$3/electrum-probe.unstripped
cd "$(dirname "$0")/../.."
. toolchains/device.sh
read_device "$preset"

case $("${compiler}readelf" -lW "$binary") in
  *INTERP* | *DYNAMIC*)
    echo "$binary: is not static" >&2
    exit 1
    ;;
esac

# The registers of the unit, by the names the disassembler gives them. Without symbols it could not
# tell code from data, nor one instruction set from another.
case $preset in
  *mips*) unit='[$]f[0-9]' ;;
  rpi | *armv7) unit='[^a-z0-9_.]([dsq][0-9]+|fpscr)([^0-9a-z]|$)' ;;
  *) unit= ;;
esac
if [ -n "$unit" ]; then
  found=$("${compiler}objdump" -d --no-show-raw-insn "$unstripped" | sed 's/<[^>]*>//; s/@.*//; s/;.*//' |
    grep -E -m 3 "$unit" || true)
  if [ -n "$found" ]; then
    printf '%s: floating-point instructions, as in\n%s\n' "$binary" "$found" >&2
    exit 1
  fi
  echo "no floating-point instruction"
fi

# Who has no allocator allocates nothing after the start.
found=$("${compiler}nm" "$unstripped" | grep -E ' (__libc_)?(malloc|calloc|realloc|sbrk|brk)(_impl)?$' || true)
if [ -n "$found" ]; then
  printf '%s: has an allocator:\n%s\n' "$binary" "$found" >&2
  exit 1
fi
echo "no allocator"

# toolchains/mbedtls_no_own_key.h leaves it out; a version of the library could bring it back.
found=$("${compiler}nm" "$unstripped" | grep -E ' mbedtls_(rsa_private|rsa_deduce_primes|ecdsa_sign)$' || true)
if [ -n "$found" ]; then
  printf '%s: has code for private keys:\n%s\n' "$binary" "$found" >&2
  exit 1
fi
echo "no private keys"

bytes=$(wc -c <"$binary")
line=$(grep "^$preset,$mbedtls," tests/size/devices.csv || true)
if [ -z "$line" ]; then
  echo "$bytes bytes (no budget for mbedTLS $mbedtls)"
  exit 0
fi
floor=$(echo "$line" | cut -d, -f3)
budget=$(echo "$line" | cut -d, -f4)
limit=$(echo "$line" | cut -d, -f5)
echo "$bytes bytes; a bare TLS client has $floor, the budget is $budget, the limit $limit"
[ "$bytes" -le "$budget" ] ||
  echo "The budget is missed by $((bytes - budget)) bytes: sh tests/size/breakdown.sh $preset says by what."
[ "$bytes" -le "$limit" ] || {
  echo "$preset: $((bytes - limit)) bytes over the limit. If they are worth it, raise it in devices.csv." >&2
  exit 1
}
