#!/bin/sh
# Builds the core and its tests for another processor and runs them under qemu.
#
#   sh tests/cross.sh ARCHITECTURE     arm: 32 bits; mips: 32 bits, big-endian
#
# Installs what is missing.
set -eu
cd "$(dirname "$0")/.."

architecture=${1:-}
case $architecture in
  arm | mips) ;;
  *)
    echo "usage: sh tests/cross.sh arm|mips" >&2
    exit 2
    ;;
esac
preset=cross-$architecture
sh toolchains/install.sh build test cross

# The source of Catch2 3, from where this machine's packages come: its own library is for its own
# processor alone.
catch2_source() {
  folder=$PWD/build/catch2-source
  if [ ! -e "$folder/CMakeLists.txt" ]; then
    # A package manager's state of our own, so that the machine's stays as it is.
    rm -rf "$folder"
    mkdir -p "$folder/apt/lists/partial" "$folder/apt/parts"
    sed 's/^deb /deb-src /' /etc/apt/sources.list >"$folder/apt/sources.list" 2>/dev/null || true
    for file in /etc/apt/sources.list.d/*; do
      [ -f "$file" ] || continue
      sed 's/^deb /deb-src /; s/^Types:.*/Types: deb-src/' "$file" >"$folder/apt/parts/${file##*/}"
    done
    (
      cd "$folder"
      set -- -q -o Dir::Etc::sourcelist="$folder/apt/sources.list" \
        -o Dir::Etc::sourceparts="$folder/apt/parts" -o Dir::State::lists="$folder/apt/lists" \
        -o Dir::Cache::srcpkgcache= -o Dir::Cache::pkgcache= -o APT::Sandbox::User=
      apt-get "$@" update
      apt-get "$@" source --download-only catch2
      tar xf catch2_*.orig.tar.* --strip-components=1
    ) >&2
  fi
  echo "$folder"
}

set --
if [ ! -e /usr/include/catch2/catch.hpp ]; then
  source=$(catch2_source)
  set -- "-DOBSERVATORY_CATCH2_SOURCE=$source"
fi

log=build/$preset/build.log
mkdir -p "build/$preset"
{ cmake --preset "$preset" "$@" && cmake --build --preset "$preset" --parallel "$(nproc)"; } \
  >"$log" 2>&1 || {
  cat "$log" >&2
  exit 1
}
ctest --preset "$preset" --parallel "$(nproc)" --progress
