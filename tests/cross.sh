#!/bin/sh
# Builds the core and its tests for another processor and runs them under qemu.
#
#   sh tests/cross.sh PRESET      a preset of toolchains/devices.txt; openwrt-armv7: 32 bits;
#                                 openwrt-mips: 32 bits, big-endian
#
# Installs what is missing.
set -eu
cd "$(dirname "$0")/.."
. toolchains/device.sh

read_device "${1:-}" || exit 2
sh toolchains/install.sh build test "$device"

set --
if [ ! -e /usr/include/catch2/catch.hpp ]; then
  # Version 3 is a library, and this machine's is for its own processor alone.
  suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
  set -- "-DOBSERVATORY_CATCH2_SOURCE=$(sh toolchains/source.sh catch2 "$suite")"
fi

folder=build/tests-$device
mkdir -p "$folder"
{
  cmake -S . -B "$folder" -G Ninja "$@" -DCMAKE_BUILD_TYPE=MinSizeRel \
    -DCMAKE_TOOLCHAIN_FILE="$PWD/toolchains/emulated.cmake" -DOBSERVATORY_DEVICE="$device" \
    -DOBSERVATORY_WERROR=ON -DOBSERVATORY_PLATFORMS=OFF -DOBSERVATORY_HOST=OFF \
    -DOBSERVATORY_DEMO=OFF
  cmake --build "$folder" --parallel "$(nproc)"
} >"$folder/build.log" 2>&1 || {
  cat "$folder/build.log" >&2
  exit 1
}
ctest --test-dir "$folder" --output-on-failure --parallel "$(nproc)" --progress
