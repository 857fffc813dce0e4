#!/bin/sh
# Compiles core/base/limits.h with bounds at and beyond what they may be: those beyond must be
# refused with the sentence that names them, those at the edge must not be.
#
#   refusals.sh COMPILER SOURCE_DIR
set -eu
compiler=$1
source=$2
bad=0

compile() {
  printf '#include "core/base/limits.h"\n' |
    LC_ALL=C "$compiler" -std=c++20 -fsyntax-only -I "$source" "-D$1=$2" -x c++ - 2>&1
}

# refused NAME VALUE WORDS: the message holds the bound's name, followed by the words.
refused() {
  if message=$(compile "$1" "$2"); then
    echo "$1=$2 is accepted" >&2
    bad=1
  elif ! printf '%s\n' "$message" | grep -qF "$1 is $3: "; then
    echo "$1=$2 is refused without \"$1 is $3: ...\": $message" >&2
    bad=1
  fi
}

accepted() {
  if ! message=$(compile "$1" "$2"); then
    echo "$1=$2 is refused: $message" >&2
    bad=1
  fi
}

accepted OBSERVATORY_MOST_SLOTS 1
accepted OBSERVATORY_MOST_SLOTS 64
refused OBSERVATORY_MOST_SLOTS 0 "below 1"
refused OBSERVATORY_MOST_SLOTS -1 "below 1"
refused OBSERVATORY_MOST_SLOTS 65 "above 64"

accepted OBSERVATORY_LONGEST_LINE 8192
accepted OBSERVATORY_LONGEST_LINE 524288
refused OBSERVATORY_LONGEST_LINE 8191 "below 8192"
refused OBSERVATORY_LONGEST_LINE 524289 "above 524288"

accepted OBSERVATORY_RECORD_POOL 8192
accepted OBSERVATORY_RECORD_POOL 1048576
refused OBSERVATORY_RECORD_POOL 0 "below 8192"
refused OBSERVATORY_RECORD_POOL 8191 "below 8192"
refused OBSERVATORY_RECORD_POOL 1048577 "above 1048576"

accepted OBSERVATORY_KNOWN_CONTENTS 64
accepted OBSERVATORY_KNOWN_CONTENTS 1048576
refused OBSERVATORY_KNOWN_CONTENTS 56 "below 64"
refused OBSERVATORY_KNOWN_CONTENTS 1048584 "above 1048576"
refused OBSERVATORY_KNOWN_CONTENTS 1020 "no multiple of 8"

accepted OBSERVATORY_REMEMBERED 1
accepted OBSERVATORY_REMEMBERED 1048576
refused OBSERVATORY_REMEMBERED 0 "below 1"
refused OBSERVATORY_REMEMBERED 1048577 "above 1048576"

[ "$bad" = 0 ] && echo "each bound is refused beyond its edges and accepted at them"
exit "$bad"
