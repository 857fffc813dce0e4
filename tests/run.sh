#!/bin/sh
# Builds and tests everything.
#
#   sh tests/run.sh          every test, in a release build
#   sh tests/run.sh --all    also with sanitizers, as 32-bit ARM and big-endian MIPS under qemu;
#                            fuzzing, clang-tidy
#   sh tests/run.sh --ci     --all with shorter fuzzing, as CI does
#
# Installs what is missing. Nothing leaves this machine's loopback. Ends with the runner's summary.
set -eu
cd "$(dirname "$0")/.."

rounds=default
fuzz_seconds=60
case ${1:-} in
  "") ;;
  --all)
    rounds=all
    ;;
  --ci)
    rounds=all
    fuzz_seconds=20
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

if [ "$rounds" = all ]; then
  sh toolchains/install.sh fuzz
  say "AddressSanitizer and UndefinedBehaviorSanitizer"
  build dev
  ctest --preset dev --parallel "$(nproc)" --progress
  say "32-bit ARM"
  sh tests/cross.sh openwrt-armv7
  say "big-endian MIPS"
  sh tests/cross.sh openwrt-mips
  say "fuzzing, $fuzz_seconds s a target"
  sh tests/fuzz/run.sh "$fuzz_seconds"
  say "format and clang-tidy"
  sh tests/style.sh
  say "release"
fi
ctest --preset check --parallel "$(nproc)" --progress
