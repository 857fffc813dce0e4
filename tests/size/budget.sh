#!/bin/sh
# Compares text + data of libraries with budget.csv.
#
#   budget.sh BUDGET ARCHITECTURE BUILD SIZE LIBRARY...
set -eu
budget=$1
architecture=$2
build=$3
size=$4
shift 4

bad=0
for library in "$@"; do
  name=$(basename "$library")
  used=$("$size" -t "$library" | awk '/\(TOTALS\)/ {print $1 + $2}')
  most=$(awk -F, -v key="$architecture,$build,$name" '$1 "," $2 "," $3 == key {print $4}' "$budget")
  if [ -z "$most" ]; then
    echo "$name: $used bytes, and no line $architecture,$build,$name in budget.csv" >&2
    bad=1
  elif [ "$used" -gt "$most" ]; then
    echo "$name: $used bytes of $most: too many. If they are worth it, raise the budget." >&2
    bad=1
  else
    echo "$name: $used bytes of $most"
  fi
done
exit "$bad"
