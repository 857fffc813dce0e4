#!/bin/sh
# Tests of the OpenWrt package: the .ipk, the Makefile against a stand-in of the SDK's rules, the
# init script in two shells against a stand-in of procd.
#
#   sh tests/packages/openwrt.sh BINARY WORK      BINARY: a static x86_64 electrum-probe
set -eu
binary=$1
work=$2
cd "$(dirname "$0")/../.."
. tests/packages/checks.sh
package=targets/openwrt/electrum-probe
mkdir -p "$work"

echo "-- .ipk"
ipk=$(sh targets/openwrt/make-ipk.sh "$binary" x86_64 "$work/once" | tail -1)
sleep 1
again=$(cd / && sh "$OLDPWD/targets/openwrt/make-ipk.sh" "$binary" x86_64 "$work/twice" | tail -1)
check "packed twice, from two folders, the .ipk is the same" cmp "$ipk" "$again"
check_not "an unknown architecture is refused" \
  sh targets/openwrt/make-ipk.sh "$binary" sparc "$work/none"
rm -rf "$work/ipk" "$work/root" "$work/control"
mkdir -p "$work/ipk" "$work/root" "$work/control"
tar xzf "$ipk" -C "$work/ipk"
tar xzf "$work/ipk/data.tar.gz" -C "$work/root"
tar xzf "$work/ipk/control.tar.gz" -C "$work/control"
check "the .ipk holds what opkg reads, in its order" same "$(tar tzf "$ipk" | xargs)" \
  "./debian-binary ./data.tar.gz ./control.tar.gz"
check "its format is 2.0" same "$(cat "$work/ipk/debian-binary")" 2.0
modes() { find "$1" -type f -printf '%m /%P\n' | LC_ALL=C sort -k 2; }
check "files and modes" same "$(modes "$work/root" | xargs)" \
  "600 /etc/config/electrum-probe 755 /etc/init.d/electrum-probe 755 /usr/bin/electrum-probe"
check "everything belongs to root" same \
  "$(tar tvzf "$work/ipk/data.tar.gz" --numeric-owner | awk '{print $2}' | sort -u)" 0/0
field() { sed -n "s/^$1: //p" "$work/control/control"; }
check "its name says version and architecture" same "${ipk##*/}" \
  "$(field Package)_$(field Version)_$(field Architecture).ipk"
check "it depends on nothing" same "$(field Depends)" ""
check "the settings survive an upgrade" same "$(cat "$work/control/conffiles")" \
  /etc/config/electrum-probe
check "the program in it runs" "$work/root/usr/bin/electrum-probe" --version
check "OpenWrt's own test of the package holds" \
  env PATH="$work/root/usr/bin:$PATH" sh $package/test.sh electrum-probe "$(field Version | cut -d- -f1)"
check_not "and fails with another version" \
  env PATH="$work/root/usr/bin:$PATH" sh $package/test.sh electrum-probe 9.9.9

# A router's /lib/functions.sh that tells what it was asked.
mkdir -p "$work/root/lib"
cat >"$work/root/lib/functions.sh" <<'END'
default_postinst() { echo "postinst ${1##*/} $2"; }
default_prerm() { echo "prerm ${1##*/} $2"; }
END
check "postinst leaves the work to OpenWrt" same \
  "$(IPKG_INSTROOT=$work/root sh "$work/control/postinst" configure)" "postinst postinst configure"
check "prerm too" same \
  "$(IPKG_INSTROOT=$work/root sh "$work/control/prerm" remove)" "prerm prerm remove"
check "a root without OpenWrt's functions is left alone" \
  env IPKG_INSTROOT="$work/nowhere" sh "$work/control/postinst"

echo "-- Makefile"
in_sdk() {
  make -s -C $package TOPDIR="$PWD/tests/packages/openwrt" BUILD_DIR="$work/build" \
    DL_DIR="$work/dl" ROOT="$work/made" "$@"
}
check "the Makefile has what OpenWrt demands" in_sdk facts
in_sdk facts >"$work/facts" || true
fact() { sed -n "s/^$1=//p" "$work/facts"; }
project_version=$(sed -n 's/^project(electrum_observatory VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
check "its version is the project's" same "$(fact PKG_VERSION)" "$project_version"
check "its licence is an SPDX name" same "$(fact PKG_LICENSE)" MIT
check "its licence file exists" test -f "$(fact PKG_LICENSE_FILES)"
check "it depends on mbedTLS alone" same "$(fact DEPENDS)" +libmbedtls
check "Makefile and .ipk agree on the user" same "$(fact USERID)" "$(field Require-User)"
check "Makefile and .ipk agree on the version" same \
  "$(fact PKG_VERSION)-r$(fact PKG_RELEASE)" "$(field Version)"
check "Makefile and .ipk agree on section, licence and maintainer" same \
  "$(fact SECTION) $(fact PKG_LICENSE) $(fact PKG_MAINTAINER)" \
  "$(field Section) $(field License) $(field Maintainer)"
check "Makefile and .ipk agree on conffiles" same "$(fact CONFFILES)" \
  "$(cat "$work/control/conffiles")"

# What the SDK would do: download jsmn, copy the sources, configure with these options, build.
rm -rf "$work/build" "$work/made" "$work/dl" "$work/sdk"
mkdir -p "$work/dl"
jsmn=$(in_sdk download)
cp /usr/include/jsmn.h "$work/dl/${jsmn%% *}"
check "the hash of the download is that of jsmn 1.1.0, as Debian has it" same \
  "${jsmn##* }" "$(sha256sum /usr/include/jsmn.h | cut -d' ' -f1)"
check "the sources are copied" in_sdk prepare
tree=$work/build/electrum-probe-$project_version
# shellcheck disable=SC2046  # the options are words
check "they configure with the Makefile's options" cmake -G Ninja -S "$tree" -B "$work/sdk" \
  -DCMAKE_BUILD_TYPE=MinSizeRel -DCMAKE_INSTALL_PREFIX=/usr $(fact CMAKE_OPTIONS)
check "jsmn is the downloaded one" grep -q "Jsmn_INCLUDE_DIR:.*=$tree/jsmn" "$work/sdk/CMakeCache.txt"
check "they build" cmake --build "$work/sdk"
check "they install" env DESTDIR="$tree/ipkg-install" cmake --install "$work/sdk"
check "the program needs mbedTLS and the C library, no C++ library" same \
  "$(readelf -d "$work/sdk/bin/electrum-probe" | sed -n 's/.*NEEDED.*\[\(lib[a-z0-9+]*\).*/\1/p' |
    grep -v mbed | xargs)" libc
check "the package installs" in_sdk install
check "Makefile and .ipk install the same files" same \
  "$(modes "$work/made")" "$(modes "$work/root" | grep -v /lib/functions.sh)"

echo "-- init script"
init=$work/root/etc/init.d/electrum-probe
default=$work/root/etc/config/electrum-probe
act() { UP=${UP-wan} INSTANCES=${INSTANCES-} $shell tests/packages/openwrt/rc.sh "$init" "$@"; }
mkdir -p "$work/usb"

cat >"$work/several" <<END
config global 'global'
	option interface 'lan'

config probe 'main'
	option interval '7200'
	option log '$work/usb/main.jsonl'
	option keep '500000000'
	option vantage 'router at home'
	option contact 'https://example.org/probe'
	option slots '4'
	option timeout '30'
	option proxy 'socks5://127.0.0.1:9050'
	option ca_file '/etc/ssl/certs/ca-certificates.crt'

config probe 'mine'
	list endpoints '/etc/one'
	list endpoints '/etc/two'
	list opt_out '/etc/leave-out'

config probe 'off'
	option enabled 'no'

config probe 'slow'
	option interval 'sometimes'

config probe 'odd'
	option chain 'dogecoin'

config probe 'unplugged'
	option log '/mnt/no-such-disk/a.jsonl'
END

for shell in dash "busybox ash"; do
  check "$shell: the default settings make one instance, and its folder in memory" same "$(act "$default" start)" \
    "mkdir -p /tmp/electrum-probe
chown electrum-probe:electrum-probe /tmp/electrum-probe
instance bitcoin
param respawn 3600 3600 0
param user electrum-probe
param group electrum-probe
param no_new_privs 1
param stderr 1
command /usr/bin/electrum-probe --quiet --output /tmp/electrum-probe/bitcoin.jsonl --keep 2097152 --slots 1 --timeout 15 --chain bitcoin
jail electrum-probe-bitcoin ronly
mount /etc/resolv.conf /etc/hosts
mount_rw /tmp/electrum-probe
close"
  check "$shell: without the network nothing starts, and the log says so" same \
    "$(UP='' act "$default" start)" "log: waiting for the network wan"
  check "$shell: the network starts what waited" same \
    "$(act "$default" network_up | grep ^instance)" "instance bitcoin"
  check "$shell: what has been started keeps its rhythm when the network comes back" same \
    "$(INSTANCES=/usr/bin/electrum-probe act "$default" network_up)" ""
  check "$shell: settings and networks trigger" same "$(act "$default" service_triggers)" \
    "reload on electrum-probe
on interface.*.up wan /etc/init.d/electrum-probe network_up
validation validate_probe"

  UP=lan act "$work/several" start >"$work/calls"
  check "$shell: each enabled and valid section is an instance" same \
    "$(sed -n 's/^instance //p' "$work/calls" | xargs)" "main mine"
  check "$shell: every option reaches the program" grep -qxF "command /usr/bin/electrum-probe --quiet \
--output $work/usb/main.jsonl --keep 500000000 --slots 4 --timeout 30 --chain bitcoin --vantage \
'router at home' --contact https://example.org/probe --proxy socks5://127.0.0.1:9050 --ca-file /etc/ssl/certs/ca-certificates.crt" \
    "$work/calls"
  check "$shell: a list of one's own goes without a chain" grep -q \
    -- '--timeout 15 --endpoints /etc/one --endpoints /etc/two --opt-out /etc/leave-out$' "$work/calls"
  check "$shell: the jail shows the lists" grep -qx 'mount /etc/two' "$work/calls"
  check "$shell: and who opted out" grep -qx 'mount /etc/leave-out' "$work/calls"
  check "$shell: the log's folder is the one that can be written to" \
    grep -qx "mount_rw $work/usb" "$work/calls"
  check "$shell: the interval is procd's timeout, without end" \
    grep -qx 'param respawn 3600 7200 0' "$work/calls"
  check "$shell: a bad interval is named, the others start" \
    grep -qx 'log: section slow: a value is not valid; not started' "$work/calls"
  check "$shell: a bad chain is named" \
    grep -qx 'log: section odd: a value is not valid; not started' "$work/calls"
  check "$shell: a disk that is not there is named, and not written beside" grep -qx \
    'log: section unplugged: there is no folder /mnt/no-such-disk for the log; not started' "$work/calls"
  check "$shell: and its folder is not made" test ! -e /mnt/no-such-disk
done
echo "-- a visit"
# The program alone in a root, as another user, with the command that the init script gives to procd.
cat >"$work/listed" <<END
config probe 'demo'
	list endpoints '/tmp/servers.txt'
	option slots '4'
	option timeout '8'
END
shell=dash
UP=wan act "$work/listed" start >"$work/calls"
install -d -m 777 "$work/root/tmp" "$work/root/tmp/electrum-probe"
rm -f "$work/root/tmp/electrum-probe/demo.jsonl"
visit() {
  # shellcheck disable=SC2046  # the command is words
  sh tests/packages/with_demo.sh "$work/root/tmp/servers.txt" \
    chroot --userspec=32768:32768 "$work/root" $(sed -n 's/^command //p' "$work/calls")
}
check "the command of the init script visits the servers of its list" visit
check "all of them" same "$(grep -c '"outcome":"ok"' "$work/root/tmp/electrum-probe/demo.jsonl")" \
  "$(grep -o ' [ts][0-9]' "$work/root/tmp/servers.txt" | wc -l)"

check "no complaint of shellcheck about the scripts for the router" \
  shellcheck -s dash $package/files/electrum-probe.init $package/test.sh
