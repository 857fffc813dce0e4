#!/bin/sh
# Builds targets of a configured preset: with the builder's own progress on a terminal, silently
# in a pipe. What went wrong is printed in both.
#
#   sh toolchains/compile.sh PRESET [TARGET...]      default: everything
set -eu
cd "$(dirname "$0")/.."

preset=$1
shift
[ $# -eq 0 ] || set -- --target "$@"
if [ -t 1 ]; then
  exec cmake --build --preset "$preset" "$@"
fi
log=build/$preset/build.log
cmake --build --preset "$preset" "$@" >"$log" 2>&1 || {
  cat "$log" >&2
  exit 1
}
