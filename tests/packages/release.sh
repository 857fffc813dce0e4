#!/bin/sh
# Tests that a release is whole, and the same wherever it is made.
#
#   sh tests/packages/release.sh WORK
#
# Packs with the static programs in build/PRESET/bin. Where one is missing the x86_64 one stands in
# for it: the files of a release are looked at here, not the programs.
set -eu
work=$1
cd "$(dirname "$0")/../.."
. tests/packages/checks.sh

# Two clones of this commit in folders of different names, with the same programs.
rm -rf "$work"
for clone in "$work/here" "$work/somewhere else/there"; do
  mkdir -p "${clone%/*}"
  git clone --quiet . "$clone"
  for preset in static-x86_64 rpi64 rpi openwrt-mips openwrt-mipsel openwrt-armv7 openwrt-aarch64; do
    program=build/$preset/bin/electrum-probe
    [ -x "$program" ] || program=build/static-x86_64/bin/electrum-probe
    install -D "$program" "$clone/build/$preset/bin/electrum-probe"
  done
done

check "a release is made" sh "$work/here/targets/release.sh" --no-build "$work/first"
sleep 1
made_elsewhere() (
  umask 077
  cd /
  TZ=Asia/Tokyo LANG=de_DE.UTF-8 sh "$work/somewhere else/there/targets/release.sh" \
    --no-build "$work/second"
)
check "and made again, elsewhere, in another zone, with another mask and language" made_elsewhere
check "both are the same, byte by byte" diff -r "$work/first" "$work/second"
right_sums() (
  cd "$work/first"
  sha256sum --quiet -c SHA256SUMS
)
check "the sums are right" right_sums
check "every file has its sum" same "$(wc -l <"$work/first/SHA256SUMS")" \
  "$(find "$work/first" -type f ! -name SHA256SUMS | wc -l)"
check "3 Debian packages, an .ipk for each architecture, 7 tarballs and the sources" same \
  "$(find "$work/first" -name '*.deb' | wc -l) $(find "$work/first" -name '*.ipk' | wc -l) \
$(find "$work/first" -name '*.tar.gz' | wc -l)" \
  "3 $(sed '/^#/d; s/^[^ ]*//' targets/openwrt/architectures | wc -w) 8"
rm "$work/here/build/rpi/bin/electrum-probe"
check_not "a release without its programs is refused" \
  sh "$work/here/targets/release.sh" --no-build "$work/none"
rm -rf "$work"
