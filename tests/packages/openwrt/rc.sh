# shellcheck shell=dash
# What OpenWrt's rc.common, procd.sh and functions.sh do for an init script, as far as the tests
# need it: calls are printed in place of sent to procd.
#
#   dash rc.sh INIT_SCRIPT CONFIG ACTION
#
# UP: networks that are up; INSTANCES: what ubus would tell of the service; LOGS: prints of logger.
# Configurations are read as uci does, without its quoting rules beyond '...'.

script=$1
config=$2
action=$3

extra_command() { :; }
logger() { shift 4 && echo "log: $*"; }
ubus() { echo "$INSTANCES"; }
jsonfilter() { cat; }
mkdir() { echo "mkdir $*"; }
chown() { echo "chown $*"; }
network_is_up() { case " $UP " in *" $1 "*) ;; *) return 1 ;; esac; }

config_load() {
  sections=
  section=
  while read -r word name value; do
    value=${value#\'}
    value=${value%\'}
    case $word in
      config)
        section=$value
        sections="$sections $name:$section"
        ;;
      option) eval "uci_${section}_$name=\$value" ;;
      list) eval "uci_${section}_$name=\"\${uci_${section}_$name:-}\${uci_${section}_$name:+ }\$value\"" ;;
    esac
  done <"$config"
}
config_get() { eval "$1=\${uci_$2_$3:-\$4}"; }
config_foreach() {
  for each in $sections; do
    [ "${each%%:*}" = "$2" ] || continue
    "$1" "${each#*:}" "$3"
  done
}

# ubox, validate/cli.c: sets the variable of each `name:type:default`, or unsets it.
valid() {
  value=$1
  type=$2
  case $type in
    bool) case $value in 0 | 1 | on | off | true | false | yes | no) ;; *) return 1 ;; esac ;;
    range*)
      case $value in '' | *[!0-9]*) return 1 ;; esac
      bounds=${type#range(}
      bounds=${bounds%)}
      [ "$value" -ge "${bounds%,*}" ] && [ "$value" -le "${bounds#*,}" ]
      ;;
    or*) case $type in *"\"$value\""*) ;; *) return 1 ;; esac ;;
    maxlength*)
      most=${type#maxlength(}
      [ ${#value} -le "${most%)}" ]
      ;;
    string | 'list(string)') ;;
    *)
      echo "rc.sh: no such type: $type" >&2
      exit 1
      ;;
  esac
}
uci_load_validate() {
  load_section=$3
  load_function=$4
  shift 4
  result=0
  for tuple in "$@"; do
    option=${tuple%%:*}
    rest=${tuple#*:}
    case $rest in
      *:*)
        type=${rest%%:*}
        default=${rest#*:}
        ;;
      *)
        type=$rest
        default=
        ;;
    esac
    eval "written=\${uci_${load_section}_$option:-}"
    unset "$option"
    if [ -z "$written" ]; then
      [ -z "$default" ] || eval "$option=\$default"
    elif valid "$written" "$type"; then
      case $type:$written in
        bool:on | bool:true | bool:yes) written=1 ;;
        bool:off | bool:false | bool:no) written=0 ;;
      esac
      eval "$option=\$written"
    else
      result=255
    fi
  done
  [ -z "$load_function" ] || "$load_function" "$load_section" "$result"
}

# Appends arguments to the command, those with spaces in quotes.
add_to_command() {
  for argument in "$@"; do
    case $argument in *' '*) argument="'$argument'" ;; esac
    command="$command $argument"
  done
}
procd_open_instance() { echo "instance $1"; }
procd_close_instance() { echo "close"; }
procd_set_param() {
  if [ "$1" = command ]; then
    shift
    command='command'
    add_to_command "$@"
  else
    echo "param $*"
  fi
}
procd_append_param() {
  shift
  add_to_command "$@"
}
procd_add_jail() {
  echo "$command"
  echo "jail $*"
}
procd_add_jail_mount() { echo "mount $*"; }
procd_add_jail_mount_rw() { echo "mount_rw $*"; }
procd_add_reload_trigger() { echo "reload on $*"; }
procd_add_interface_trigger() { echo "on $*"; }
procd_add_validation() { "$@" ""; echo "validation $*"; }

start() { start_service; }

# The script reads the library of the router; here it is this one.
eval "$(sed 's|^\([[:space:]]*\)\. /lib/functions/network.sh|\1:|' "$script")"
"$action"
