#!/bin/sh
# Builds musl, the C library of the static binaries, for a device and prints its folder.
#
#   sh toolchains/musl.sh PRESET      a preset of toolchains/devices.txt
#
# Kept under build/musl; built once.
set -eu
cd "$(dirname "$0")/.."
. toolchains/device.sh
read_device "${1:-}" || exit 2

if ! command -v "${compiler}gcc" >/dev/null; then
  echo "musl.sh: there is no compiler ${compiler}gcc for $device; sh toolchains/install.sh $device" >&2
  exit 1
fi
folder=$PWD/build/musl/$device
# What it was made of: another compiler or other flags make another library.
recipe="$("${compiler}gcc" -dumpfullversion) $musl_target $flags"
if [ "$(cat "$folder/recipe" 2>/dev/null)" = "$recipe" ]; then
  echo "$folder"
  exit 0
fi
source=$(sh toolchains/source.sh musl trixie)
sections="-ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables -fno-unwind-tables"
sections="$sections -fno-stack-protector"
rm -rf "$folder" "$folder.build"
mkdir -p "$folder" "$folder.build"
(
  cd "$folder.build"
  # Paths of the building machine stay out of what is built.
  "$source/configure" --target="$musl_target" --prefix="$folder" --syslibdir="$folder/lib" \
    --disable-shared --disable-wrapper --enable-optimize=size \
    CROSS_COMPILE="$compiler" CC="${compiler}gcc" AR="${compiler}gcc-ar" RANLIB="${compiler}gcc-ranlib" \
    CFLAGS="-Os $flags $sections -ffile-prefix-map=$source=musl"
  make -j"$(nproc)" AR="${compiler}gcc-ar" RANLIB="${compiler}gcc-ranlib"
  make install
) >"$folder.log" 2>&1 || {
  cat "$folder.log" >&2
  exit 1
}
rm -rf "$folder.build"
echo "$recipe" >"$folder/recipe"
echo "$folder"
