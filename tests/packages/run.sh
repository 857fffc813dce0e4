#!/bin/sh
# Tests of everything that people install: OpenWrt package, Debian packages, release files.
#
#   sh tests/packages/run.sh                          OpenWrt, the release, Debian on amd64
#   sh tests/packages/run.sh --arch armhf [arm64...]  OpenWrt, the release, Debian on these
#
# Needs root, for chroots and namespaces. Takes the static programs from build/PRESET/bin, and makes
# those that are missing with toolchains/build.sh. Debian roots are made once, in build/roots.
# Ends with `N passed, N failed`.
set -eu
cd "$(dirname "$0")/../.."

usage() {
  echo "usage: sh tests/packages/run.sh [--arch amd64|arm64|armhf ...]" >&2
  exit 2
}
architectures=amd64
if [ $# -gt 0 ]; then
  if [ "$1" != --arch ] || [ $# -lt 2 ]; then usage; fi
  shift
  architectures=$*
fi
for architecture in $architectures; do
  case $architecture in amd64 | arm64 | armhf) ;; *) usage ;; esac
done
if [ "$(id -u)" != 0 ]; then
  echo "packages: chroots and namespaces need root" >&2
  exit 1
fi

binfmt=/proc/sys/fs/binfmt_misc
mounted=false
registered=
clean_up() {
  for handler in $registered; do
    echo -1 >$binfmt/"$handler"
  done
  ! $mounted || umount $binfmt
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# Lets the kernel start programs of another processor with qemu, as long as this script runs.
know() {
  if [ ! -e $binfmt/register ]; then
    mount -t binfmt_misc binfmt_misc $binfmt
    mounted=true
  fi
  if [ ! -e $binfmt/"$1" ]; then
    cat /usr/lib/binfmt.d/"$1".conf >$binfmt/register
    registered="$registered $1"
  fi
}

# The static program of a preset.
program() {
  if [ ! -x "build/$1/bin/electrum-probe" ]; then
    sh toolchains/build.sh "$1" --fast >&2
  fi
  echo "$PWD/build/$1/bin/electrum-probe"
}

sh toolchains/install.sh build demo package
[ -f build/release/build.ninja ] || cmake --preset release >/dev/null
sh toolchains/compile.sh release demo_network
work=$PWD/build/packages-test
mkdir -p "$work"
CHECKS=$work/checks
: >"$CHECKS"
. tests/packages/checks.sh

sh tests/packages/openwrt.sh "$(program static-x86_64)" "$work/openwrt"
for architecture in $architectures; do
  case $architecture in
    amd64)
      sh tests/packages/debian.sh "$(program static-x86_64)" amd64 "$work/debian-amd64" boot
      sh tests/packages/debian.sh "$(program static-x86_64)" amd64 "$work/debian-amd64" chroot
      ;;
    arm64)
      know qemu-aarch64
      sh tests/packages/debian.sh "$(program rpi64)" arm64 "$work/debian-arm64" chroot
      ;;
    armhf)
      know qemu-arm
      sh tests/packages/debian.sh "$(program rpi)" armhf "$work/debian-armhf" chroot
      ;;
  esac
done

echo "-- release files"
sh tests/packages/release.sh "$work/release"
echo "-- scripts"
check "no complaint of shellcheck" shellcheck -x targets/*.sh targets/debian/*.sh \
  targets/debian/control/p* targets/openwrt/*.sh tests/packages/*.sh tests/packages/openwrt/rc.sh

failed=$(grep -c '^FAILED' "$CHECKS" || true)
echo
grep '^FAILED' "$CHECKS" || true
echo "$(grep -c '^ok' "$CHECKS") passed, $failed failed"
[ "$failed" = 0 ]
