#!/bin/sh
# electrum-probe against a straightforward Python client and against openssl s_client, as whole
# processes on the same demo servers, one after the other, in one run. Prints medians and ratios.
#
#   sh tests/bench/run.sh [ROUNDS]      default 5; build/release must be built (quickstart does)
set -eu
cd "$(dirname "$0")/../.."

rounds=${1:-5}
bin=build/release/bin
work=$(mktemp -d)
demo_pid=
cleanup() {
  [ -z "$demo_pid" ] || kill "$demo_pid" 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# Servers that answer everything, so that nobody's timeouts are compared.
healthy=electrumx-1.16.0,electrumx-1.16-git,electrumx-1.19.0,electrumx-1.20.0,fulcrum-2.1.1,fulcrum-1.9.8,electrs-0.10.9,mempool-electrs,utreexod,jelectrum
"$bin/demo-network" --base 127.73.0.0 --only "$healthy" --delay-scale "${DELAY_SCALE:-1}" \
  --list "$work/list" --for 600 >"$work/demo.log" &
demo_pid=$!
waited=0
until grep -q '^demo network:' "$work/demo.log"; do
  [ "$waited" -lt 600 ] || { echo "bench: the demo network did not start" >&2; exit 1; }
  sleep 0.1
  waited=$((waited + 1))
done
cat "$work/demo.log"


# Seconds and peak kilobytes of the largest process of a command, as one line.
measure() {
  /usr/bin/time -f '%e %M' -o "$work/time" "$@" >/dev/null 2>&1
  tail -n 1 "$work/time"
}

cat >"$work/certificates.sh" <<'END'
while read -r host ports; do
  for port in $ports; do
    case $port in
      s*)
        openssl s_client -connect "$host:${port#s}" -showcerts </dev/null 2>/dev/null |
          openssl x509 -noout -fingerprint -sha256
        ;;
    esac
  done
done <"$1"
END

round=0
while [ "$round" -lt "$rounds" ]; do
  measure "$bin/electrum-probe" -q -f "$work/list" -o "$work/log.jsonl" >>"$work/probe"
  measure python3 tests/bench/asyncio_client.py "$work/list" >>"$work/asyncio"
  measure sh "$work/certificates.sh" "$work/list" >>"$work/openssl"
  round=$((round + 1))
done

median() { sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }
field() { awk -v f="$2" '{print $f}' "$work/$1" | median; }
printf '%-34s %10s %12s\n' "whole process, median of $rounds" "seconds" "peak KB"
for who in probe asyncio openssl; do
  printf '%-34s %10s %12s\n' "$who" "$(field "$who" 1)" "$(field "$who" 2)"
done
for who in asyncio openssl; do
  awk -v who="$who" -v a="$(field "$who" 1)" -v b="$(field probe 1)" -v c="$(field "$who" 2)" -v d="$(field probe 2)" \
    'BEGIN {printf "%-34s %10.2f %12.2f\n", who " / probe", a / b, c / d}'
done
