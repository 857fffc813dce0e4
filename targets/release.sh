#!/bin/sh
# Makes everything that a release consists of: Debian packages, OpenWrt packages, a tarball for each
# preset, the sources, and SHA256SUMS over them.
#
#   sh targets/release.sh [--no-build] [FOLDER]      default: build/release-files
#
# Builds the static programs with toolchains/build.sh --fast, so test them before (without --fast);
# with --no-build it takes those in build/PRESET/bin as they are. The same commit and programs give the same bytes, wherever and
# whenever it runs.
set -eu

build=true
if [ "${1:-}" = --no-build ]; then
  build=false
  shift
fi
case ${1:-} in
  -*)
    echo "usage: sh targets/release.sh [--no-build] [FOLDER]" >&2
    exit 2
    ;;
esac
folder=$(realpath -m "${1:-$(dirname "$0")/../build/release-files}")
cd "$(dirname "$0")/.."
. targets/release_facts.sh
export LC_ALL=C TZ=UTC
umask 022

presets="static-x86_64 rpi64 rpi openwrt-mips openwrt-mipsel openwrt-armv7 openwrt-aarch64"
for preset in $presets; do
  if $build; then
    echo "Building $preset"
    sh toolchains/build.sh "$preset" --fast >"build/release-$preset.log" 2>&1 || {
      cat "build/release-$preset.log" >&2
      exit 1
    }
  fi
  if [ ! -x "build/$preset/bin/electrum-probe" ]; then
    echo "release: no build/$preset/bin/electrum-probe; leave --no-build out" >&2
    exit 1
  fi
done
rm -rf "$folder"
mkdir -p "$folder"
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT

# $1: the folder under the stage that becomes the tarball of that name
pack() {
  tar --format=gnu --owner=0 --group=0 --numeric-owner --sort=name --mtime="@$SOURCE_DATE_EPOCH" \
    -C "$stage" -cf - "$1" | gzip -9n >"$folder/$1.tar.gz"
}

for preset in $presets; do
  name=electrum-probe-$PACKAGE_VERSION-$preset
  mkdir "$stage/$name"
  install -m 755 "build/$preset/bin/electrum-probe" "$stage/$name/electrum-probe"
  install -m 644 LICENSE README.md targets/probe/docs/electrum-probe.1 \
    targets/probe/docs/electrum-probe.bash targets/probe/docs/_electrum-probe "$stage/$name/"
  install -m 644 targets/debian/copyright "$stage/$name/COPYRIGHT"
  pack "$name"
done

sh targets/debian/make-deb.sh build/static-x86_64/bin/electrum-probe amd64 "$folder" >/dev/null
sh targets/debian/make-deb.sh build/rpi64/bin/electrum-probe arm64 "$folder" >/dev/null
sh targets/debian/make-deb.sh build/rpi/bin/electrum-probe armhf "$folder" >/dev/null

while read -r preset architectures; do
  for architecture in $architectures; do
    [ "$preset" = "#" ] ||
      sh targets/openwrt/make-ipk.sh "build/$preset/bin/electrum-probe" "$architecture" "$folder" \
        >/dev/null
  done
done <targets/openwrt/architectures

git archive --prefix="electrum-observatory-$PACKAGE_VERSION/" HEAD |
  gzip -9n >"$folder/electrum-observatory-$PACKAGE_VERSION.tar.gz"

cd "$folder"
sha256sum -- *.deb *.ipk *.tar.gz >"$stage/SHA256SUMS"
install -m 644 "$stage/SHA256SUMS" SHA256SUMS
echo "$(wc -l <SHA256SUMS) files in $folder"
