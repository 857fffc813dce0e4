#!/bin/sh
# Unpacks the source of a Debian package and prints the folder.
#
#   sh toolchains/source.sh PACKAGE SUITE      SUITE: a release of Debian by name, as in bookworm
#
# It comes from the mirror that this machine's packages come from, checked by apt against Debian's
# signature, and is kept under build/sources. Without a network, put Debian's PACKAGE_*.orig.tar.*
# or upstream's PACKAGE-*.tar.* into build/sources/downloads.
set -eu
cd "$(dirname "$0")/.."

if [ $# -ne 2 ]; then
  echo "usage: sh toolchains/source.sh PACKAGE SUITE" >&2
  exit 2
fi
package=$1
suite=$2
sources=$PWD/build/sources
folder=$sources/$package-$suite
if [ -e "$folder" ]; then
  echo "$folder"
  exit 0
fi
rm -rf "$folder.new"
mkdir -p "$folder.new" "$sources/downloads"

# The tarball that somebody put there.
tarball() {
  for file in "$sources/downloads/${package}"[_-]*.tar.*; do
    case $file in *.asc | *.sig | *.debian.tar.*) continue ;; esac
    if [ -f "$file" ]; then
      echo "$file"
      return
    fi
  done
}

# A package manager's state of our own, so that the machine's stays as it is. Debian's patches are
# applied.
download() {
  keys=/usr/share/keyrings/debian-archive-keyring.gpg
  command -v apt-get >/dev/null || return 1
  # shellcheck disable=SC2016  # the fields are apt's
  mirror=$(apt-get indextargets --format '$(REPO_URI) $(LABEL)' 'Identifier: Packages' |
    sed -n 's/ Debian$//p' | head -n 1)
  if [ -z "$mirror" ] || [ ! -e "$keys" ]; then
    echo "source.sh: this machine has no mirror of Debian in its apt sources" >&2
    return 1
  fi
  state=$sources/apt-$suite
  mkdir -p "$state/lists/partial" "$state/parts"
  echo "deb-src [signed-by=$keys] $mirror $suite main" >"$state/sources.list"
  set -- -q -o Dir::Etc::sourcelist="$state/sources.list" -o Dir::Etc::sourceparts="$state/parts" \
    -o Dir::State::lists="$state/lists" -o Dir::Cache::srcpkgcache= -o Dir::Cache::pkgcache= \
    -o APT::Sandbox::User= -o Acquire::Retries=2 -o Acquire::http::Timeout=30
  if ! (
    apt-get "$@" --error-on=any update &&
      cd "$state" && rm -f -- *.dsc *.tar.* &&
      apt-get "$@" source --download-only "$package" &&
      rm -rf "$folder.new" && dpkg-source --no-check --no-copy --extract ./*.dsc "$folder.new"
  ) >"$state/log" 2>&1; then
    cat "$state/log" >&2
    return 1
  fi
}

file=$(tarball)
if [ -n "$file" ]; then
  tar xf "$file" -C "$folder.new" --strip-components=1
elif ! download; then
  echo "source.sh: cannot get the source of $package." >&2
  echo "Without a network, put ${package}_*.orig.tar.* of Debian $suite, or upstream's" >&2
  echo "$package-*.tar.*, into build/sources/downloads." >&2
  exit 1
fi
mv "$folder.new" "$folder"
echo "$folder"
