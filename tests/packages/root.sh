#!/bin/sh
# Makes a Debian 12 root for the package tests, once; the last line of output is its path.
#
#   sh tests/packages/root.sh ARCHITECTURE     amd64, arm64, armhf
#
# Packages come from where this machine's come. Roots of other processors run under qemu-user, which
# the kernel must know (binfmt_misc).
set -eu
cd "$(dirname "$0")/../.."

architecture=$1
root=$PWD/build/roots/debian-$architecture
if [ ! -e "$root.complete" ]; then
  # shellcheck disable=SC2016  # apt-get fills SITE in
  mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Component: main' |
    grep -v security | head -1)
  rm -rf "$root"
  mkdir -p "${root%/*}"
  debootstrap --variant=minbase --arch="$architecture" --include=adduser,systemd-sysv \
    bookworm "$root" "$mirror" >"$root.log" 2>&1 || {
    cat "$root.log" >&2
    exit 1
  }
  rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*
  touch "$root.complete"
fi
echo "$root"
