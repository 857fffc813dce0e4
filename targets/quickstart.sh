#!/bin/sh
# From a bare Debian to a first look at Electrum servers.
#
#   sh targets/quickstart.sh            visits a demo network on this machine's loopback
#   sh targets/quickstart.sh bitcoin    visits the bundled list of Bitcoin servers instead
#                                       (also testnet4, testnet, signet)
#
# Installs what is missing, builds, visits, and answers the first questions. The log and the database
# stay in build/quickstart/.
set -eu
cd "$(dirname "$0")/.."

network=${1:-demo}
case $network in
  demo | bitcoin | testnet4 | testnet | signet) ;;
  *)
    echo "quickstart: unknown network $network (demo, bitcoin, testnet4, testnet, signet)" >&2
    exit 2
    ;;
esac

sh toolchains/install.sh build demo
bin=build/release/bin
if [ ! -f build/release/build.ninja ]; then
  echo "Building (a minute or three the first time)"
  cmake --preset release >/dev/null
fi
sh toolchains/compile.sh release electrum_probe electrum_observatory demo_network

out=build/quickstart
mkdir -p "$out"
log=$out/$network.jsonl
db=$out/$network.db
rm -f "$log" "$db" "$db-wal" "$db-shm"
set --

if [ "$network" = demo ]; then
  demo_pid=
  stop_demo() {
    [ -z "$demo_pid" ] || kill "$demo_pid" 2>/dev/null || true
    demo_pid=
  }
  trap stop_demo EXIT
  trap 'stop_demo; exit 130' INT
  trap 'stop_demo; exit 143' TERM

  rm -f "$out/demo.log"  # an old one says that it is ready
  "$bin/demo-network" --list "$out/demo-servers.txt" --truth "$out/demo-truth.jsonl" \
    --ca "$out/demo-ca.pem" --for 600 >"$out/demo.log" 2>&1 &
  demo_pid=$!
  waited=0
  until grep -qs '^demo network:' "$out/demo.log"; do
    if ! kill -0 "$demo_pid" 2>/dev/null || [ "$waited" -ge 600 ]; then
      echo "quickstart: the demo network did not start:" >&2
      cat "$out/demo.log" >&2
      exit 1
    fi
    sleep 0.1
    waited=$((waited + 1))
  done
  sed 's/^d/D/' "$out/demo.log"
  # Loopback is our own: several at a time, and no long wait for those that are silent on purpose.
  set -- --endpoints "$out/demo-servers.txt" --ca-file "$out/demo-ca.pem" --slots 16 --timeout 8
else
  set -- --chain "$network"
fi

"$bin/electrum-probe" "$@" --output "$log" --vantage quickstart
observatory=$bin/electrum-observatory
chain=$network
[ "$network" != demo ] || chain=bitcoin
"$observatory" ingest --db "$db" "$log"
echo
"$observatory" servers --db "$db" --chain "$chain"
echo
"$observatory" metrics --db "$db" --chain "$chain" reachability software
echo
echo "The log:       $log"
echo "The database:  $db"
echo "Ask it more:   $observatory --help"
echo "Every visit:   $observatory decode --table $log"
echo "The fields:    core/record/FORMAT.md"
