# shellcheck shell=sh disable=SC2034  # to be sourced: who sources it uses the names
# Reads toolchains/devices.txt. Sets device, compiler, musl_target, emulator and flags.
#
#   . toolchains/device.sh; read_device PRESET || exit 2

devices() { sed -n '/^#/d; s/ *|.*//p' toolchains/devices.txt; }

device_column() { echo "$device_line" | awk -F' *[|] *' -v column="$1" '{print $column}'; }

read_device() {
  device=$1
  device_line=$(awk -F' *[|] *' -v name="$device" '!/^#/ && $1 == name' toolchains/devices.txt)
  if [ -z "$device_line" ]; then
    echo "no preset \`$device\`; there are: $(devices | tr '\n' ' ')" >&2
    return 1
  fi
  compiler=$(device_column 2)
  musl_target=$(device_column 3)
  emulator=$(device_column 4)
  flags=$(device_column 5)
}

# The release of Debian that has a version of mbedTLS; fails for a version that none has.
mbedtls_suite() {
  case $1 in
    3.6) echo trixie ;;
    2.28) echo bookworm ;;
    *) return 1 ;;
  esac
}
