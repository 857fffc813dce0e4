#!/bin/sh
# Builds the fuzz targets and runs each for so many seconds.
#
#   sh tests/fuzz/run.sh SECONDS [TARGET...]     TARGET: json, reply, ...
#
# What is new goes to build/fuzz/found, what breaks to build/fuzz/broken; the corpus in the source
# tree stays as it is. Fails when something broke.
set -eu
cd "$(dirname "$0")/../.."

case ${1:-} in
  '' | *[!0-9]*)
    echo "usage: sh tests/fuzz/run.sh SECONDS [TARGET...]" >&2
    exit 2
    ;;
esac
seconds=$1
shift

sh toolchains/install.sh build fuzz
log=build/fuzz/build.log
mkdir -p build/fuzz
{ cmake --preset fuzz && cmake --build --preset fuzz --parallel "$(nproc)"; } >"$log" 2>&1 || {
  cat "$log" >&2
  exit 1
}

if [ $# = 0 ]; then
  for source in tests/fuzz/fuzz_*.cpp; do
    name=${source##*/fuzz_}
    set -- "$@" "${name%.cpp}"
  done
fi

failed=
for target in "$@"; do
  found=build/fuzz/found/$target
  broken=build/fuzz/broken/$target
  log=build/fuzz/$target.log
  mkdir -p "$found" "$broken"
  result=fine
  build/fuzz/bin/fuzz_"$target" -max_total_time="$seconds" -max_len=4096 -timeout=10 \
    -print_final_stats=1 -artifact_prefix="$broken/" "$found" "tests/fuzz/corpus/$target" \
    >"$log" 2>&1 || result=broken
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  edges=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)
  printf '%-16s %10s runs, %5s edges: %s\n' "$target" "${runs:-?}" "${edges:-?}" "$result"
  [ "$result" = fine ] && continue
  failed="$failed $target"
  tail -n 40 "$log" >&2
done
[ -z "$failed" ] || {
  echo "broken:$failed (inputs in build/fuzz/broken)" >&2
  exit 1
}
