# shellcheck shell=sh
# Read by the packing scripts, from the top folder: the version that the project states, and the
# date of the commit, so that the same commit gives the same bytes.
: "${PACKAGE_VERSION:=$(sed -n 's/^project(electrum_observatory VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)}"
: "${SOURCE_DATE_EPOCH:=$(git log -1 --format=%ct 2>/dev/null || date -d 2026-11-01T00:00:00Z +%s)}"
export PACKAGE_VERSION SOURCE_DATE_EPOCH
