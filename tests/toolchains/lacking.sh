#!/bin/sh
# Runs toolchains/build.sh where something is lacking: each time it must end soon, with the right
# status and a sentence that names what it was.
#
#   lacking.sh SOURCE_DIR
set -eu
source=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0

# A tree in which nothing was ever built, and a device whose compiler nobody has.
mkdir "$work/tree" "$work/bin"
cp -R "$source/toolchains" "$work/tree"
cd "$work/tree"
echo "nowhere | nowhere-linux-gnu- | nowhere-linux-musl | qemu-nowhere-static |" \
  >>toolchains/devices.txt

# Before the machine's own: a package manager that has what its environment says, and gets nothing.
cat >"$work/bin/dpkg-query" <<'END'
#!/bin/sh
echo "$STATUS"
END
cat >"$work/bin/no-apt-get" <<'END'
#!/bin/sh
echo "E: nothing can be had" >&2
exit 100
END
chmod +x "$work/bin/"*
PATH=$work/bin:$PATH
export STATUS=installed

# ends STATUS COMMAND...: what it says on standard error goes into $said.
ends() {
  wanted=$1
  shift
  status=0
  said=$(timeout 60 "$@" 2>&1 >/dev/null) || status=$?
  [ "$status" = "$wanted" ] || complain "$* ends with $status: $said"
}

complain() {
  echo "$1" >&2
  bad=1
}

# says WORDS...: each of them is somewhere in it.
says() {
  for words in "$@"; do
    case $said in
      *"$words"*) ;;
      *) complain "nothing is said of \"$words\": $said" ;;
    esac
  done
}

ends 2 sh toolchains/build.sh
says "which preset?" usage: static-x86_64 openwrt-mips
ends 2 sh toolchains/build.sh amiga
says "no preset amiga" static-x86_64 rpi64 rpi openwrt-mips openwrt-mipsel openwrt-armv7 \
  openwrt-aarch64
ends 2 sh toolchains/build.sh static-x86_64 rpi64
says "one preset at a time"
ends 2 sh toolchains/build.sh static-x86_64 --mbedtls 4.0
says "no mbedTLS 4.0" 3.6 2.28
ends 2 sh toolchains/build.sh static-x86_64 --mbedtls
says "3.6 and 2.28"
ends 2 sh toolchains/build.sh --hurry
says "no option --hurry"

# A compiler that cannot be installed, and one that is not there although it is said to be.
mv "$work/bin/no-apt-get" "$work/bin/apt-get"
STATUS=not-installed
ends 1 sh toolchains/build.sh nowhere --fast
says "nothing can be had" "needed:" " g++-nowhere-linux-gnu" " qemu-user-static" " cmake"
STATUS=installed
ends 1 sh toolchains/musl.sh nowhere
says "no compiler nowhere-linux-gnu-gcc"
mv "$work/bin/apt-get" "$work/bin/no-apt-get"

# No network: the sources of both libraries, by their names and where to put them.
if unshare -n true 2>/dev/null; then
  ends 1 unshare -n sh toolchains/build.sh static-x86_64 --fast --mbedtls 2.28
  says "cannot get the source of musl" "musl_*.orig.tar.* of Debian trixie" \
    "cannot get the source of mbedtls" "mbedtls_*.orig.tar.* of Debian bookworm" \
    "build/sources/downloads"
else
  echo "skipped: no network cannot be had without root"
fi

# A library of another version than asked for, in the place of that.
mkdir -p build/sources/mbedtls-bookworm/include/mbedtls build/sources/musl-trixie
echo '#define MBEDTLS_VERSION_STRING "3.6.4"' \
  >build/sources/mbedtls-bookworm/include/mbedtls/build_info.h
cat >toolchains/musl.sh <<'END'
echo build/musl/static-x86_64
END
ends 1 sh toolchains/build.sh static-x86_64 --fast --mbedtls 2.28
says "mbedtls-bookworm is not mbedTLS 2.28"

[ "$bad" = 0 ] && echo "each thing that is lacking is named"
exit "$bad"
