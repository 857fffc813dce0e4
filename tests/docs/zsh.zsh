#!/usr/bin/env zsh
# Presses TAB in a zsh of its own, on a terminal of its own, and looks at what is on the line then.
#
#   zsh.zsh FOLDER_OF_COMPLETIONS
emulate zsh
setopt err_exit no_unset
zmodload zsh/zpty
folder=$1
bad=0

# Reads what the shell writes until it holds the pattern; fails after ten seconds.
await() {
  local pattern=$1 piece
  integer tries
  seen=
  for (( tries = 0; tries < 200; ++tries )); do
    if zpty -r -t shell piece; then
      seen+=$piece
    else
      [[ $seen == ${~pattern} ]] && return 0
      sleep 0.05
    fi
  done
  print -u2 -r -- "waited in vain for $pattern, and saw: ${(V)seen}"
  return 1
}

zpty -b shell "TERM=dumb PS1='ready> ' zsh -f -i"
await '*ready> *'
zpty -w shell "fpath=(${(q)folder} \$fpath); autoload -Uz compinit; compinit -D -u; LISTMAX=0"
zpty -w shell "electrum-probe() { print -r -- \"line:\$*:end\" }; zle_highlight=(none); echo is' 'set"
await '*is set*ready> *'

# line TYPED WHOLE: what a TAB behind it makes of a line.
line() {
  zpty -w -n shell "electrum-probe $1"$'\t'
  sleep 0.3
  zpty -w -n shell $'\r'
  if ! await "*line:$2:end*"; then
    print -u2 -r -- "$1<TAB> does not become $2"
    bad=1
  fi
}

# offered TYPED WORD...: what two TABs list.
offered() {
  local typed=$1 word
  shift
  zpty -w -n shell "electrum-probe $typed"$'\t\t'
  await "*$1*" || bad=1
  sleep 0.3
  zpty -w shell $'\x15'
  local first=$seen
  zpty -w shell 'echo do''ne'
  await '*done*' || bad=1
  for word in "$@"; do
    if [[ $first$seen != *$word* ]]; then
      print -u2 -r -- "$typed<TAB><TAB> does not list $word: ${(V)first}${(V)seen}"
      bad=1
    fi
  done
}

line '--fo' '--format=#'
line '--ch' '--chain=#'
line '--format j' '--format jsonl'
line '--format=c' '--format=cbor'
line '--chain b' '--chain bitcoin'
line '-c sig' '-c signet'
line '--quiet --me' '--quiet --memory'
offered '--format ' jsonl cbor text
offered '--chain ' bitcoin testnet4 testnet signet
offered '--' endpoints output keep vantage slots version
zpty -d shell
exit $bad
