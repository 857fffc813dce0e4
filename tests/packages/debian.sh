#!/bin/sh
# Tests of the Debian package: how it is packed, lintian, and its life in a root of Debian 12.
#
#   sh tests/packages/debian.sh BINARY ARCHITECTURE WORK [boot]
#
# As root. With `boot` the root's own systemd runs (systemd-nspawn); else the package's scripts run
# in a chroot, which for another processor than this machine's means: under qemu. Whatever runs,
# runs in a network namespace with nothing but loopback, where the demo network serves.
set -eu
binary=$1
architecture=$2
work=$3
how=${4:-chroot}
cd "$(dirname "$0")/../.."
. tests/packages/checks.sh
mkdir -p "$work"

echo "-- .deb for $architecture"
old=$(sh targets/debian/make-deb.sh "$binary" "$architecture" "$work/once" | tail -1)
sleep 1
again=$(cd / && sh "$OLDPWD/targets/debian/make-deb.sh" "$binary" "$architecture" "$work/twice" |
  tail -1)
check "packed twice, from two folders, the .deb is the same" cmp "$old" "$again"
check "its architecture is the binary's" same "$(dpkg-deb -f "$old" Architecture)" "$architecture"
check "its version is the program's" same "$(dpkg-deb -f "$old" Version)" \
  "$(sed -n 's/^project(electrum_observatory VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)"
check "the changelog's version too" same "$(dpkg-deb -f "$old" Version)" \
  "$(dpkg-parsechangelog -l targets/debian/changelog -S Version)"
[ "$architecture" != armhf ] || check "the program runs on the processor of a Pi Zero" \
  qemu-arm-static -cpu arm1176 "$binary" --version
check "lintian has no complaint" lintian --allow-root --info --fail-on error,warning,info "$old"
check_not "an unknown architecture is refused" \
  sh targets/debian/make-deb.sh "$binary" sparc "$work/none"
score=$(systemd-analyze security --offline=true targets/debian/electrum-probe.service |
  sed -n 's/.*Overall exposure level.*: \([0-9.]*\) .*/\1/p')
check "systemd-analyze security says $score, 1.2 at the most" \
  awk "BEGIN { exit !(\"$score\" != \"\" && $score <= 1.2) }"

# The next version, with other default settings: what an upgrade meets.
rm -rf "$work/next"
mkdir -p "$work/next"
cp -r targets CMakeLists.txt "$work/next/"
echo "# The settings of 0.1.1." >>"$work/next/targets/debian/electrum-probe.default"
new=$(SOURCE_DATE_EPOCH=$(git log -1 --format=%ct) PACKAGE_VERSION=0.1.1 \
  sh "$work/next/targets/debian/make-deb.sh" "$binary" "$architecture" "$work/upgrade" | tail -1)

echo "-- the life of it, $architecture, by $how"
root=$(sh tests/packages/root.sh "$architecture" | tail -1)
rm -rf "$work/root" "$work/guest"
cp -a "$root" "$work/root"
mkdir -p "$work/root/guest"
ln -s root/guest "$work/guest"
cp tests/packages/checks.sh tests/packages/guest.sh "$work/guest/"
cp "$old" "$work/guest/old.deb"
cp "$new" "$work/guest/new.deb"
if [ "$how" = boot ]; then
  cat >"$work/root/etc/systemd/system/guest.service" <<END
[Unit]
After=multi-user.target
SuccessAction=poweroff
FailureAction=poweroff

[Service]
Type=oneshot
Environment=CHECKS=/guest/results
ExecStart=/bin/sh /guest/guest.sh /guest
StandardOutput=append:/guest/output
StandardError=inherit

[Install]
WantedBy=multi-user.target
END
  mkdir -p "$work/root/etc/systemd/system/multi-user.target.wants"
  ln -s ../guest.service "$work/root/etc/systemd/system/multi-user.target.wants/guest.service"
  set -- systemd-nspawn --quiet --register=no --keep-unit --directory="$work/root" --boot \
    --console=pipe
else
  set -- chroot "$work/root" env CHECKS=/guest/results sh /guest/guest.sh /guest
fi
# Both write what they have to say into the root; the rest is of use when they break off.
timeout 1800 sh tests/packages/with_demo.sh "$work/guest/servers.txt" "$@" </dev/null \
  >"$work/output" 2>&1 || true
[ "$how" != boot ] || mv "$work/guest/output" "$work/output"
cat "$work/output"
cat "$work/guest/results" >>"$CHECKS"
check "the round came to its end" grep -q 'purged again' "$work/guest/results"
