#!/bin/sh
# Packs a static electrum-probe as an .ipk for opkg, as in OpenWrt up to 24.10, without its SDK.
#
#   sh targets/openwrt/make-ipk.sh BINARY ARCHITECTURE FOLDER
#
# ARCHITECTURE: a name in targets/openwrt/architectures. The last line of output is the package's
# path. The same binary and commit give the same bytes; SOURCE_DATE_EPOCH sets another date than the
# commit's.
#
# The layout is that of openwrt:scripts/ipkg-build, the control files those of
# openwrt:include/package-pack.mk; default_postinst (openwrt:package/base-files/files/lib/functions.sh)
# makes the user of Require-User, and enables and starts the init script.
set -eu

if [ $# -ne 3 ]; then
  echo "usage: sh targets/openwrt/make-ipk.sh BINARY ARCHITECTURE FOLDER" >&2
  exit 2
fi
binary=$(realpath "$1")
architecture=$2
mkdir -p "$3"
folder=$(realpath "$3")
cd "$(dirname "$0")/../.."
known=$(sed '/^#/d; s/^[^ ]*//' targets/openwrt/architectures | xargs)
case " $known " in
  *" $architecture "*) ;;
  *)
    echo "make-ipk: unknown architecture $architecture ($known)" >&2
    exit 2
    ;;
esac

. targets/release_facts.sh
export LC_ALL=C TZ=UTC
umask 022
version=$PACKAGE_VERSION-r$(sed -n 's/^PKG_RELEASE:=//p' targets/openwrt/electrum-probe/Makefile)
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
files=targets/openwrt/electrum-probe/files

install -D -m 755 "$binary" "$stage/data/usr/bin/electrum-probe"
install -D -m 600 $files/electrum-probe.config "$stage/data/etc/config/electrum-probe"
install -D -m 755 $files/electrum-probe.init "$stage/data/etc/init.d/electrum-probe"

# The members of FOLDER, packed so that nothing but their names, modes and contents counts.
pack() {
  tar --format=gnu --owner=0 --group=0 --numeric-owner --sort=name --mtime="@$SOURCE_DATE_EPOCH" \
    -C "$1" -cf - "${2:-.}" ${3:+"$3"} ${4:+"$4"} | gzip -9n
}

# $1: the name of a script; $2: the function of OpenWrt's that it calls
write_script() {
  cat >"$stage/control/$1" <<END
#!/bin/sh
[ "\${IPKG_NO_SCRIPT}" = "1" ] && exit 0
[ -s \${IPKG_INSTROOT}/lib/functions.sh ] || exit 0
. \${IPKG_INSTROOT}/lib/functions.sh
$2 \$0 \$@
END
  chmod 755 "$stage/control/$1"
}

mkdir "$stage/control" "$stage/ipk"
pack "$stage/data" >"$stage/ipk/data.tar.gz"
echo 2.0 >"$stage/ipk/debian-binary"
echo /etc/config/electrum-probe >"$stage/control/conffiles"
write_script postinst default_postinst
write_script prerm default_prerm
cat >"$stage/control/control" <<END
Package: electrum-probe
Version: $version
Source: targets/openwrt/electrum-probe
SourceName: electrum-probe
License: MIT
LicenseFiles: LICENSE
Section: net
Require-User: electrum-probe:electrum-probe
SourceDateEpoch: $SOURCE_DATE_EPOCH
Maintainer: The Electrum Observatory developers <observatory@example.org>
Architecture: $architecture
Installed-Size: $(gzip -dc "$stage/ipk/data.tar.gz" | wc -c)
Description: Connects to public Electrum servers over TCP and TLS, one at a time, eight
 requests a visit, and writes down facts: reachability, times, protocol, banner,
 peers, tip, TLS and certificates. It sends nothing about addresses or
 transactions, and reports to nobody: the records stay on the router.
 From its installation on it visits the bundled list of Bitcoin servers once an
 hour. The servers see this router's address.
 This is the static program, with musl and mbedTLS inside.
END
pack "$stage/control" >"$stage/ipk/control.tar.gz"

package=electrum-probe_${version}_$architecture.ipk
pack "$stage/ipk" ./debian-binary ./data.tar.gz ./control.tar.gz >"$folder/$package"
echo "$folder/$package"
