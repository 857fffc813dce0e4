#!/bin/sh
# Runs the tests of TLS and its bounded memory with mbedTLS as the static probe has it, built from
# Debian's source: no distribution's library lets a program decide where its memory lies.
#
#   sh tests/tls_memory.sh [3.6 | 2.28] [--measure]
#
#   --measure   prints the table of platform/README.md instead: how small an arena may be
#
# Installs what is missing.
set -eu
cd "$(dirname "$0")/.."
. toolchains/device.sh

mbedtls=3.6
measure=no
for word in "$@"; do
  case $word in
    3.6 | 2.28) mbedtls=$word ;;
    --measure) measure=yes ;;
    *)
      echo "usage: sh tests/tls_memory.sh [3.6 | 2.28] [--measure]" >&2
      exit 2
      ;;
  esac
done
sh toolchains/install.sh build test static-x86_64
source=$(sh toolchains/source.sh mbedtls "$(mbedtls_suite "$mbedtls")")

folder=build/tls-memory-$mbedtls
mkdir -p "$folder"
{
  cmake -S . -B "$folder" -G Ninja -DCMAKE_BUILD_TYPE=Release -DOBSERVATORY_WERROR=ON \
    -DOBSERVATORY_MBEDTLS_SOURCE="$source" -DOBSERVATORY_HOST=OFF -DOBSERVATORY_DEMO=OFF
  cmake --build "$folder" --parallel "$(nproc)" --target test_tls_memory test_tls_engine \
    test_tls_facts test_tls_certificates
} >"$folder/build.log" 2>&1 || {
  cat "$folder/build.log" >&2
  exit 1
}
if [ "$measure" = yes ]; then
  exec "$folder/tests/integration/test_tls_memory" '[measure]'
fi
ctest --test-dir "$folder" --output-on-failure --no-tests=error --parallel "$(nproc)" --progress \
  -R '^tls_(memory|engine|facts|certificates):'
