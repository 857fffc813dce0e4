#!/bin/sh
# Runs a command in namespaces of its own, where there is no network but loopback, and on that the
# demo network: what is tested can reach nobody else.
#
#   sh tests/packages/with_demo.sh LIST COMMAND...      LIST: gets the endpoints, as the probe reads them
set -eu
if [ "$1" != --inside ]; then
  exec unshare --net --mount --fork --kill-child sh "$0" --inside "$@"
fi
list=$2
shift 2

busybox ip link set lo up
log=$(mktemp)
"$(dirname "$0")/../../build/release/bin/demo-network" --delay-scale 0 --for 3600 --list "$list" \
  --only electrumx-1.16.0,fulcrum-2.1.1,electrs-0.10.9 >"$log" 2>&1 &
demo=$!
trap 'kill $demo 2>/dev/null || true; rm -f "$log"' EXIT
waited=0
until grep -qs '^demo network:' "$log"; do
  if [ $waited -ge 600 ] || ! kill -0 $demo 2>/dev/null; then
    cat "$log" >&2
    exit 1
  fi
  sleep 0.1
  waited=$((waited + 1))
done
"$@"
