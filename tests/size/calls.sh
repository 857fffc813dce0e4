#!/bin/sh
# Looks at what the probe's own code calls: no streams of the C library (printf brings floating
# point, all of them a heap), and no allocator.
#
#   calls.sh NM LIBRARY...
set -eu
nm=$1
shift
bad=0
seen=0

for library in "$@"; do
  for line in $("$nm" -u -A "$library" | awk '{sub(/:$/, "", $1); print $1 "=" $NF}'); do
    object=${line%%=*}
    object=${object##*:}
    symbol=${line#*=}
    seen=$((seen + 1))
    case $symbol in
      *printf* | *scanf* | puts | fputs | putchar | putc | fputc | fwrite | fread | fopen* | fdopen | \
        fflush | perror | stdin | stdout | stderr)
        echo "$object uses the C library's streams: $symbol" >&2
        bad=1
        ;;
      malloc | calloc | realloc | strdup | _Znw* | _Zna*)
        echo "$object takes memory: $symbol" >&2
        bad=1
        ;;
    esac
  done
done
[ "$seen" -gt 0 ] || {
  echo "no symbols in $*" >&2
  exit 1
}
[ "$bad" = 0 ] && echo "$seen calls, no stream, no allocator"
exit "$bad"
