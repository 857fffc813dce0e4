#!/bin/sh
# Installs the Debian packages that a task needs and that are missing. Says what it installs.
#
#   sh toolchains/install.sh TASK...      TASK: build, demo, test, fuzz, style, or a preset of
#                                         devices.txt: its compiler and emulator
#
# Debian 12 and 13, Raspberry Pi OS and Ubuntu 24.04 carry them all under these names. Uses sudo
# unless it runs as root.
set -eu
cd "$(dirname "$0")/.."
. toolchains/device.sh

build="g++ cmake ninja-build libmbedtls-dev libjsmn-dev libcli11-dev libsimdjson-dev nlohmann-json3-dev libsqlite3-dev libloc-dev libmaxminddb-dev libzstd-dev zlib1g-dev pkg-config"
demo="libssl-dev libloc-database"
test="catch2 openssl nginx-light libnginx-mod-stream stunnel4 microsocks python3 procps zsh mandoc groff-base"
source="dpkg-dev debian-archive-keyring make xz-utils bzip2"
fuzz="clang libclang-rt-dev"
style="clang-format clang-tidy git"
package="dpkg-dev debootstrap lintian busybox shellcheck systemd-container qemu-user-static"

packages=
for task in "$@"; do
  case $task in
    build) packages="$packages $build" ;;
    demo) packages="$packages $demo" ;;
    test) packages="$packages $test" ;;
    fuzz) packages="$packages $fuzz" ;;
    style) packages="$packages $style" ;;
    package) packages="$packages $package" ;;
    *)
      read_device "$task" || exit 2
      packages="$packages $source"
      [ -z "$compiler" ] || packages="$packages g++-${compiler%-} qemu-user-static"
      ;;
  esac
done

missing=
for package in $packages; do
  status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null; then
  echo "install.sh: this is no Debian; please install the like of:$missing" >&2
  exit 1
fi
as_root=
[ "$(id -u)" = 0 ] || as_root=sudo
echo "Installing with apt-get:$missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# shellcheck disable=SC2086  # the list is words
if ! { $as_root apt-get update -q &&
  DEBIAN_FRONTEND=noninteractive $as_root apt-get install -q -y --no-install-recommends $missing; } \
  >"$log" 2>&1; then
  cat "$log" >&2
  echo "install.sh: cannot install, and needed:$missing" >&2
  exit 1
fi
