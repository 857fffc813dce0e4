#!/bin/sh
# Has the manual page read by two programs, neither of which may find fault with it, and looks for
# its sections. Exits with 77 where a program is missing.
#
#   man.sh PAGE
set -eu
page=$1
for program in mandoc groff; do
  command -v "$program" >/dev/null || { echo "left out: no $program here"; exit 77; }
done
complaints=$(mandoc -Tlint "$page" 2>&1; groff -man -ww -z "$page" 2>&1) || true
if [ -n "$complaints" ]; then
  printf '%s\n' "$complaints" >&2
  exit 1
fi
backspace=$(printf '\b')
text=$(mandoc -Tascii "$page" | sed "s/.$backspace//g")  # without bold and underlines
for section in NAME SYNOPSIS DESCRIPTION OPTIONS ENDPOINTS FILES "EXIT STATUS" SIGNALS EXAMPLES \
  "SEE ALSO"; do
  printf '%s\n' "$text" | grep -qx "$section" || { echo "no section $section" >&2; exit 1; }
done
