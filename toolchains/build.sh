#!/bin/sh
# Builds electrum-probe as one static file for a small device, and tries it.
#
#   sh toolchains/build.sh PRESET [--mbedtls 3.6|2.28] [--fast]
#
#   PRESET      a line of toolchains/devices.txt
#   --mbedtls   3.6 speaks TLS 1.3 and 1.2 (default), 2.28 speaks TLS 1.2 and is smaller
#   --fast      builds only; else the unit tests and a visit to the demo network follow, on this
#               machine's loopback, under an emulator of the device's processor
#
# Gets what is missing from Debian: compiler, emulator, and the sources of musl and mbedTLS. The
# last line of the output is the path of the binary.
set -eu
cd "$(dirname "$0")/.."
. toolchains/device.sh

usage() {
  echo "build.sh: $1" >&2
  echo "usage: sh toolchains/build.sh PRESET [--mbedtls 3.6|2.28] [--fast]" >&2
  echo "PRESET: $(devices | tr '\n' ' ')" >&2
  exit 2
}

preset=
mbedtls=3.6
fast=no
while [ $# -gt 0 ]; do
  case $1 in
    --mbedtls)
      mbedtls=${2:-}
      shift
      ;;
    --fast) fast=yes ;;
    -*) usage "no option $1" ;;
    *)
      [ -z "$preset" ] || usage "one preset at a time"
      preset=$1
      ;;
  esac
  [ $# -eq 0 ] || shift
done
[ -n "$preset" ] || usage "which preset?"
suite=$(mbedtls_suite "$mbedtls") || usage "no mbedTLS $mbedtls; there are 3.6 and 2.28"
folder=build/$preset
[ "$mbedtls" = 3.6 ] || folder=$folder-mbedtls-$mbedtls
read_device "$preset" 2>/dev/null || usage "no preset $preset"

say() { printf '\n== %s\n' "$1"; }
quietly() {
  log=$1
  shift
  mkdir -p "$(dirname "$log")"
  "$@" >>"$log" 2>&1 || {
    cat "$log" >&2
    exit 1
  }
}

say "$preset: compiler and libraries"
sh toolchains/install.sh build "$preset"
# Whatever is lacking is told at once.
lacking=no
musl=$(sh toolchains/musl.sh "$preset") || lacking=yes
source=$(sh toolchains/source.sh mbedtls "$suite") || lacking=yes
[ "$lacking" = no ] || exit 1
if ! grep -qs "VERSION_STRING .*\"$mbedtls\." "$source/include/mbedtls/version.h" \
  "$source/include/mbedtls/build_info.h"; then
  echo "build.sh: $source is not mbedTLS $mbedtls; remove it, and what it was unpacked from in" >&2
  echo "build/sources/downloads" >&2
  exit 1
fi

say "$preset: the probe"
rm -f "$folder/build.log"
quietly "$folder/build.log" cmake --fresh --preset "$preset" -B "$folder" \
  -DOBSERVATORY_MBEDTLS_SOURCE="$source"
quietly "$folder/build.log" cmake --build "$folder" --parallel "$(nproc)"
binary=$PWD/$folder/bin/electrum-probe
sh tests/size/device.sh "$preset" "$mbedtls" "$PWD/$folder"

if [ "$fast" = no ]; then
  say "$preset: unit tests, and the probe itself at the demo network"
  sh toolchains/install.sh build demo test
  targets="test_cli test_demo_network test_environment test_tls_stacks"
  cases='cli|demo_network|environment|tls_stacks'
  if [ -n "$emulator" ]; then
    sh tests/cross.sh "$preset"
  else
    targets="$targets test_unit test_scenario test_memory"
    cases="unit|scenario|$cases|memory"
  fi
  quietly build/check.log cmake --preset check
  # shellcheck disable=SC2086  # the targets are words
  quietly build/check.log cmake --build build/check --parallel "$(nproc)" --target $targets
  OBSERVATORY_PROBE="$emulator $binary" ctest --test-dir build/check --output-on-failure \
    --no-tests=error --progress -R "^($cases):"
fi

say "$preset: $(wc -c <"$binary") bytes, musl in $musl"
echo "$binary"
