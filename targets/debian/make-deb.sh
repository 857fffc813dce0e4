#!/bin/sh
# Packs a static electrum-probe as a Debian package. Needs cpack and no compiler.
#
#   sh targets/debian/make-deb.sh BINARY ARCHITECTURE FOLDER
#
# ARCHITECTURE: amd64, arm64, armhf. The last line of output is the package's path. The same
# binary, commit and cpack give the same bytes; SOURCE_DATE_EPOCH sets another date than the
# commit's, PACKAGE_VERSION another version than the project's.
set -eu

if [ $# -ne 3 ]; then
  echo "usage: sh targets/debian/make-deb.sh BINARY ARCHITECTURE FOLDER" >&2
  exit 2
fi
case $2 in
  amd64 | arm64 | armhf) ;;
  *)
    echo "make-deb: unknown architecture $2 (amd64, arm64, armhf)" >&2
    exit 2
    ;;
esac
binary=$(realpath "$1")
architecture=$2
mkdir -p "$3"
folder=$(realpath "$3")
cd "$(dirname "$0")/../.."
if ! command -v cpack >/dev/null; then
  echo "make-deb: no cpack; Debian and Ubuntu: apt-get install cmake" >&2
  exit 1
fi

. targets/release_facts.sh
export LC_ALL=C TZ=UTC
umask 022
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
root=$stage/root
document=$root/usr/share/doc/electrum-probe

put() { install -D -m "$1" "$2" "$3"; }
put_gz() {
  mkdir -p "${2%/*}"
  gzip -9nc "$1" >"$2"
}

put 755 "$binary" "$root/usr/bin/electrum-probe"
put 644 targets/debian/electrum-probe.service "$root/usr/lib/systemd/system/electrum-probe.service"
put 644 targets/debian/electrum-probe.timer "$root/usr/lib/systemd/system/electrum-probe.timer"
put 644 targets/debian/electrum-probe.default "$root/etc/default/electrum-probe"
put 644 targets/debian/copyright "$document/copyright"
put 644 targets/debian/README.Debian "$document/README.Debian"
put 644 targets/debian/lintian-overrides "$root/usr/share/lintian/overrides/electrum-probe"
put 644 targets/probe/docs/electrum-probe.bash \
  "$root/usr/share/bash-completion/completions/electrum-probe"
put 644 targets/probe/docs/_electrum-probe "$root/usr/share/zsh/vendor-completions/_electrum-probe"
put_gz targets/probe/docs/electrum-probe.1 "$root/usr/share/man/man1/electrum-probe.1.gz"
put_gz targets/debian/changelog "$document/changelog.gz"

for script in postinst prerm postrm; do
  put 755 targets/debian/control/$script "$stage/control/$script"
done
put 644 targets/debian/control/conffiles "$stage/control/conffiles"
find "$stage" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +

log=$stage/cpack.log
STAGE=$stage ARCHITECTURE=$architecture \
  cpack --config targets/debian/CPackConfig.cmake -B "$stage/out" >"$log" 2>&1 || {
  cat "$log" >&2
  exit 1
}
package=electrum-probe_${PACKAGE_VERSION}_$architecture.deb
install -m 644 "$stage/out/$package" "$folder/$package"
echo "$folder/$package"
