#!/bin/sh
# electrum-probe against other programs, as whole processes on the same demo servers, one after the
# other, in one run. Prints medians and ratios.
#
#   sh tests/bench/run.sh [ROUNDS]               5 rounds; a visit, against a straightforward Python
#                                                client and against openssl s_client
#   sh tests/bench/run.sh fingerprint [ROUNDS]   3 rounds, of a minute and a half each; certificates
#                                                and JARM, against openssl and jarm.py. Fails unless
#                                                both found the same
#
# build/release must be built (quickstart does). JARM="COMMAND" measures another JARM program than
# tests/integration/jarm.py: COMMAND ADDRESS PORT prints the hash first.
set -eu
cd "$(dirname "$0")/../.."

comparison=visit
rounds=5
if [ "${1:-}" = fingerprint ]; then
  comparison=fingerprint
  rounds=3
  shift
fi
[ $# -eq 0 ] || rounds=$1
if [ $# -gt 1 ] || ! [ "$rounds" -ge 1 ] 2>/dev/null; then
  echo "usage: sh tests/bench/run.sh [fingerprint] [ROUNDS]" >&2
  exit 2
fi

fail() {
  echo "bench: $1" >&2
  exit 1
}

bin=build/release/bin
work=$(mktemp -d)
demo_pid=
cleanup() {
  [ -z "$demo_pid" ] || kill "$demo_pid" 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

serve() {
  "$bin/demo-network" --base 127.73.0.0 --only "$1" --delay-scale "${DELAY_SCALE:-1}" \
    --list "$work/list" >"$work/demo.log" &
  demo_pid=$!
  waited=0
  until grep -qs '^demo network:' "$work/demo.log"; do
    [ "$waited" -lt 600 ] || fail "the demo network did not start"
    sleep 0.1
    waited=$((waited + 1))
  done
  cat "$work/demo.log"
}

# Runs a command under a name. Its output goes to NAME.out; its seconds, the peak kilobytes of its
# largest process, and its CPU seconds, user's and system's, to a line of NAME. The CPU seconds are
# bash's, because those of /usr/bin/time are cut to hundredths and the probe needs few of them; the
# kilobytes are not, because bash is larger than the probe.
measure() {
  name=$1
  shift
  # shellcheck disable=SC2016  # bash is to expand it
  bash -c 'TIMEFORMAT="%U %S"
    time /usr/bin/time -f "%e %M" -o "$0.time" "$@" >"$0.out" 2>"$0.err"' "$work/$name" "$@" \
    2>"$work/$name.cpu" || {
    cat "$work/$name.err" >&2
    fail "$name failed"
  }
  echo "$(cat "$work/$name.time") $(cat "$work/$name.cpu")" >>"$work/$name"
}

median() { sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }
seconds() { awk '{print $1}' "$work/$1" | median; }
cpu_seconds() { awk '{print $3 + $4}' "$work/$1" | median; }
peak() { awk '{print $2}' "$work/$1" | median; }

# The medians of the probe and of the programs named, and their ratios.
report() {
  printf '%-34s %10s %12s %10s\n' "whole process, median of $rounds" "seconds" "CPU seconds" "peak KB"
  for who in probe "$@"; do
    printf '%-34s %10s %12s %10s\n' "$who" "$(seconds "$who")" "$(cpu_seconds "$who")" "$(peak "$who")"
  done
  for who in "$@"; do
    echo "$(seconds "$who") $(seconds probe) $(cpu_seconds "$who") $(cpu_seconds probe)" \
      "$(peak "$who") $(peak probe)" |
      awk -v who="$who" \
        '{printf "%-34s %10.2f %12.2f %10.2f\n", who " / probe", $1 / $2, $3 / $4, $5 / $6}'
  done
}

visit() {
  # Servers that answer everything, so that nobody's timeouts are compared.
  serve electrumx-1.16.0,electrumx-1.16-git,electrumx-1.19.0,electrumx-1.20.0,fulcrum-2.1.1,fulcrum-1.9.8,electrs-0.10.9,mempool-electrs,utreexod,jelectrum
  round=0
  while [ "$round" -lt "$rounds" ]; do
    measure probe "$bin/electrum-probe" -q -f "$work/list" -o -
    measure asyncio python3 tests/bench/asyncio_client.py "$work/list"
    measure openssl sh tests/bench/openssl_leaf.sh "$work/list"
    round=$((round + 1))
  done
  report asyncio openssl
  echo "The probe also pings each server 5 times, or twice a second apart where replies are held back;" \
    "the others did not."
}

fingerprint() {
  serve electrumx-1.16.0,electrumx-1.20.0,fulcrum-2.1.1,fulcrum-1.9.8,electrs-0.10.9,tls-1.2-only
  sed -i 's/ t[0-9]*//' "$work/list"
  servers=$(wc -l <"$work/list")
  round=0
  while [ "$round" -lt "$rounds" ]; do
    measure probe "$bin/electrum-probe" -q -f "$work/list" --tls-fingerprint jarm -o -
    measure openssl+jarm sh tests/bench/openssl_and_jarm.sh "$work/list"
    python3 tests/bench/found_by_probe.py <"$work/probe.out" >"$work/found_by_probe"
    sed -n 's/^found //p' "$work/openssl+jarm.out" >"$work/found_by_others"
    [ "$(wc -l <"$work/found_by_others")" -eq "$servers" ] || fail "not every server was read"
    diff "$work/found_by_probe" "$work/found_by_others" >&2 ||
      fail "the probe (<) and openssl with JARM (>) found different certificates or hashes"
    round=$((round + 1))
  done
  echo "Both found these leaves' SHA-256 and JARM hashes, in every round:"
  cat "$work/found_by_probe"
  report openssl+jarm
  echo "$((servers * 11)) of the probe's seconds are politeness: 11 hellos a server, each a second after the one" \
    "before (limits::kHelloGap). It held an Electrum session with each server too; the others did not."
}

"$comparison"
