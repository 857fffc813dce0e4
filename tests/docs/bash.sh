#!/usr/bin/env bash
# Presses TAB, as it were: fills in what bash would and looks at what the completion offers.
#
#   bash.sh COMPLETION ELECTRUM_PROBE
set -euo pipefail
# shellcheck source=/dev/null
. "$1"
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
touch 'a list.txt' ca.pem
bad=0

# expect WORDS... : OFFERED...: the last of the words is what the cursor stands behind.
expect() {
  COMP_WORDS=(electrum-probe)
  while [[ $1 != : ]]; do
    COMP_WORDS+=("$1")
    shift
  done
  shift
  COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
  COMPREPLY=()
  _electrum_probe || true
  mapfile -t COMPREPLY < <(printf '%s\n' "${COMPREPLY[@]}" | LC_ALL=C sort)  # as readline does
  if [[ ${COMPREPLY[*]-} != "$*" ]]; then
    echo "behind ${COMP_WORDS[*]} stands [${COMPREPLY[*]-}], not [$*]" >&2
    bad=1
  fi
}

expect --fo : --format
expect --ch : --chain
expect --format '' : cbor jsonl text
expect --format j : jsonl
expect --format = : cbor jsonl text
expect --format = c : cbor
expect --chain '' : bitcoin signet testnet testnet4
expect -c test : testnet testnet4
expect --quiet --chain sig : signet
expect -f '' : 'a list.txt' ca.pem
expect --ca-file ca : ca.pem
expect --output = ca : ca.pem
expect --slots '' :
expect --contact -- :
expect example.org :
expect --ve : --version
expect --v : --vantage --version --visits

# And bash knows whom to ask.
[[ $(complete -p electrum-probe) == "complete -F _electrum_probe electrum-probe" ]] || bad=1
# Every option of --help is offered.
COMP_WORDS=(electrum-probe -) COMP_CWORD=1
_electrum_probe
for option in $("$2" --help | grep -oE '^ +(-[a-z], )?--[a-z-]+' | grep -oE -- '-(-[a-z-]+|[a-z])'); do
  [[ " ${COMPREPLY[*]} " == *" $option "* ]] || { echo "$option is not offered" >&2; bad=1; }
done
[[ ${#COMPREPLY[@]} -ge 19 ]] || bad=1
exit "$bad"
