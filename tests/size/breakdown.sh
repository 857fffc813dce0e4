#!/bin/sh
# Says what takes the bytes of a static probe: each part of the source, and the largest symbols.
#
#   sh tests/size/breakdown.sh PRESET      after: sh toolchains/build.sh PRESET --fast
#
# Builds it once more with line numbers, which change no instruction, under build/PRESET-breakdown.
# An inlined function counts for the file that it is written in; one of the C++ headers for the file
# that uses it. Constants, strings and tables are "data", of whichever part. What has no line
# numbers is musl and the compiler's library.
set -eu
cd "$(dirname "$0")/../.."
. toolchains/device.sh
read_device "${1:-}" || exit 2
usual=build/$device
folder=$usual-breakdown
[ -e "$usual/bin/electrum-probe" ] || {
  echo "breakdown.sh: first run: sh toolchains/build.sh $device --fast" >&2
  exit 2
}

log=$folder/build.log
mkdir -p "$folder"
source=$(sh toolchains/source.sh mbedtls "$(mbedtls_suite 3.6)")
if ! {
  CFLAGS=-g CXXFLAGS=-g cmake --fresh --preset "$device" -B "$folder" \
    -DOBSERVATORY_MBEDTLS_SOURCE="$source" &&
    cmake --build "$folder" --parallel "$(nproc)"
} >"$log" 2>&1; then
  cat "$log" >&2
  exit 1
fi
probe=$folder/electrum-probe.unstripped
if ! cmp -s "$usual/bin/electrum-probe" "$folder/bin/electrum-probe"; then
  echo "note: not the same program as $usual/bin/electrum-probe, but nearly" >&2
fi

bytes=$(wc -c <"$folder/bin/electrum-probe")
echo "$device: $bytes bytes"
{
  # The list of line numbers gives most files without their folder.
  find core platform targets "$source/library" "$source/include" "$folder/targets" -type f |
    awk '{print "file", $0}'
  "${compiler}size" -A "$probe" | awk '/^\./ {print "section", $1, $2}'
  "${compiler}readelf" -W --debug-dump=decodedline "$probe" 2>/dev/null
} | awk -v bytes="$bytes" -v library="$source" '
  function number(text,    i, value) {
    for (i = 3; i <= length(text); ++i)
      value = value * 16 + index("0123456789abcdef", substr(text, i, 1)) - 1
    return value
  }
  $1 == "file" {
    name = $2
    sub(".*/", "", name)
    if (index($2, library) == 1) part_of[name] = "mbedTLS"
    else if (match($2, "(core|platform|targets)/[a-z]+")) part_of[name] = substr($2, RSTART, RLENGTH)
    next
  }
  $1 == "section" {
    if ($2 ~ /^\.(text|init|fini)$/) code += $3
    else if ($2 ~ /^\.(rodata|data|got|ARM.exidx|eh_frame|.*_array)/) data += $3
    next
  }
  # File, line (- after the end of a function), address.
  $3 ~ /^0x/ {
    address = number($3)
    if (counting) taken[part] += address - start
    if ($1 in part_of) part = part_of[$1]
    counting = $2 != "-"
    start = address
  }
  END {
    for (part in taken) {
      printf "%8d  %s\n", taken[part], part | "sort -rn"
      lines += taken[part]
    }
    close("sort -rn")
    printf "%8d  musl and the library of the compiler\n", code - lines
    printf "%8d  data\n", data
    printf "%8d  headers of the file\n", bytes - code - data
  }'

echo
echo "The largest symbols:"
"${compiler}nm" -C -S --size-sort --reverse-sort "$probe" | grep -v ' [bB] ' | head -n 20 |
  while read -r _ size _ name; do printf '%8d  %s\n' "0x$size" "$name"; done
