# shellcheck shell=sh
# Read by the scripts of this folder. Counts what held; a check is a sentence and a command.
: "${CHECKS:=$(mktemp)}"  # one line per check, so that scripts in other roots can add theirs
export CHECKS

check() {
  sentence=$1
  shift
  if "$@" >"$CHECKS.output" 2>&1; then
    echo "ok      $sentence" | tee -a "$CHECKS"
  else
    echo "FAILED  $sentence" | tee -a "$CHECKS"
    sed 's/^/        /' "$CHECKS.output"
  fi
}

# The same for a command that must fail.
check_not() {
  sentence=$1
  shift
  check "$sentence" fails "$@"
}
fails() { ! "$@"; }

same() {
  [ "$1" = "$2" ] || {
    printf 'expected: %s\nfound:    %s\n' "$2" "$1"
    return 1
  }
}
