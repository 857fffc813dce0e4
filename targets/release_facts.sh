# shellcheck shell=sh
# Read by the packing scripts, from the top folder: the version that the project states, and the
# date of the commit (without git: of the changelog), so that the same commit gives the same bytes.
commit_date() {
  if [ -e .git ]; then
    git log -1 --format=%ct
  else
    date -d "$(sed -n 's/^ -- .*>  //p' targets/debian/changelog | head -n 1)" +%s
  fi
}
: "${PACKAGE_VERSION:=$(sed -n 's/^project(electrum_observatory VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)}"
: "${SOURCE_DATE_EPOCH:=$(commit_date)}"
export PACKAGE_VERSION SOURCE_DATE_EPOCH
