# shellcheck shell=bash
# Made by describe_options from targets/probe/command_line.def. Do not edit.

_electrum_probe() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
  # In --format=js the mark is a word of its own.
  if [[ $word == = ]]; then
    word=
  elif [[ $before == = ]]; then
    before=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  COMPREPLY=()
  case $before in
    -c|--chain)
      mapfile -t COMPREPLY < <(compgen -W 'bitcoin testnet4 testnet signet' -- "$word")
      return
      ;;
    --format)
      mapfile -t COMPREPLY < <(compgen -W 'jsonl cbor text' -- "$word")
      return
      ;;
    --tls-fingerprint)
      mapfile -t COMPREPLY < <(compgen -W 'hello hello2 jarm' -- "$word")
      return
      ;;
    -f|--endpoints|-o|--output|--opt-out|--ca-file)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --dns-seed|--discover|--keep|--vantage|--slots|--timeout|--visits|--every|--contact|--proxy)
      return
      ;;
  esac
  [[ $word == -* ]] || return
  mapfile -t COMPREPLY < <(compgen -W '-f --endpoints -c --chain --dns-seed --discover --allow-private -o --output --format --keep --vantage --slots --timeout --visits --every --opt-out --tls-fingerprint --contact --ca-file --proxy --proxy-all -q --quiet --memory --version -h --help' -- "$word")
}

complete -F _electrum_probe electrum-probe
