#!/bin/sh
# Builds and tests everything.
#
#   sh tests/run.sh          every test in a release build, and the static probe with its budgets
#   sh tests/run.sh --all    also with sanitizers; TLS in bounded memory; the static probe of each
#                            device under qemu; the packages; fuzzing, clang-tidy
#   sh tests/run.sh --ci     of --all, one router with 32 bits and one big-endian, Debian's packages
#                            for amd64, and shorter fuzzing, as CI does
#
# Installs what is missing. Nothing leaves this machine's loopback. Ends with the runner's summary.
set -eu
cd "$(dirname "$0")/.."

rounds=default
fuzz_seconds=60
devices="openwrt-armv7 openwrt-mips openwrt-mipsel openwrt-aarch64 rpi rpi64"
architectures="amd64 arm64 armhf"
case ${1:-} in
  "") ;;
  --all)
    rounds=all
    ;;
  --ci)
    rounds=all
    fuzz_seconds=20
    devices="openwrt-armv7 openwrt-mips"
    architectures=amd64
    ;;
  *)
    echo "usage: sh tests/run.sh [--all | --ci]" >&2
    exit 2
    ;;
esac

say() { printf '\n== %s\n' "$1"; }

build() {
  [ -f "build/$1/build.ninja" ] || cmake --preset "$1" >/dev/null
  sh toolchains/compile.sh "$1"
}

sh toolchains/install.sh build demo test

say "release"
build check
sh toolchains/build.sh static-x86_64

if [ "$rounds" = all ]; then
  sh toolchains/install.sh fuzz
  say "AddressSanitizer and UndefinedBehaviorSanitizer"
  build dev
  ctest --preset dev --parallel "$(nproc)" --progress
  say "TLS in bounded memory"
  sh tests/tls_memory.sh
  say "an ingest that is killed"
  OBSERVATORY_KILLS=50 build/check/bin/test_ingest "an ingest that is killed*"
  say "metrics of odd networks"
  python3 tests/integration/odd_networks.py build/check/bin/electrum-observatory --networks 100
  for device in $devices; do
    sh toolchains/build.sh "$device"
  done
  say "packages"
  if [ "$(id -u)" = 0 ]; then
    # shellcheck disable=SC2086  # the list is words
    sh tests/packages/run.sh --arch $architectures
  else
    echo "left out: chroots and namespaces need root"
  fi
  say "fuzzing, $fuzz_seconds s a target"
  sh tests/fuzz/run.sh "$fuzz_seconds"
  say "format and clang-tidy"
  sh tests/style.sh
  say "release"
fi
ctest --preset check --parallel "$(nproc)" --progress
