#!/bin/sh
# The life of the Debian package, inside a root: install, run, upgrade, remove, purge. Run by
# debian.sh, as root, in a network of loopback only. With systemd running it goes through systemctl,
# else it runs the service's command as the service's user.
#
#   sh guest.sh FOLDER      FOLDER: checks.sh, old.deb, new.deb, servers.txt
set -eu
folder=$1
cd "$folder"
# shellcheck source=tests/packages/checks.sh
. ./checks.sh
export DEBIAN_FRONTEND=noninteractive
[ -e /proc/self ] || mount -t proc proc /proc
endpoints=$(grep -o ' [ts][0-9]' servers.txt | wc -l)
log=/var/lib/electrum-probe/electrum.jsonl
settings=/etc/default/electrum-probe
wants=/etc/systemd/system/timers.target.wants/electrum-probe.timer
booted=false
[ ! -d /run/systemd/system ] || booted=true

# One run of electrum-probe.service.
visit() {
  if $booted; then
    systemctl reset-failed electrum-probe.service 2>/dev/null || true  # it counts starts
    systemctl start electrum-probe.service
    return
  fi
  unit=/usr/lib/systemd/system/electrum-probe.service
  mkdir -p ${log%/*}
  chown electrum-probe:electrum-probe ${log%/*}
  # shellcheck source=/dev/null
  . $settings
  eval "setpriv --reuid=electrum-probe --regid=electrum-probe --clear-groups --no-new-privs \
    --bounding-set=-all $(sed -n 's/^ExecStart=//p' $unit)"
}
set_value() { sed -i "s|^$1=.*|$1=\"$2\"|" $settings; }
runs() { grep -c '"type":"end"' $log; }
is() { same "$(stat -c '%a %U:%G' "$1")" "$2"; }

check "it installs" apt-get install --quiet --yes ./old.deb
check "it is configured" same "$(dpkg-query -W -f '${db:Status-Status}' electrum-probe)" installed
check "the program is there" is /usr/bin/electrum-probe "755 root:root"
check "the settings are there" is $settings "644 root:root"
check "every file belongs to root, and only the program is executable" same \
  "$(dpkg -L electrum-probe | while read -r file; do
    [ ! -f "$file" ] || stat -c '%a %U:%G' "$file"
  done | sort | uniq -c | xargs)" "10 644 root:root 1 755 root:root"
check "dpkg finds every file as it was packed" same "$(dpkg --verify electrum-probe)" ""
check "the program runs" electrum-probe --version
check "it has a user of its own, without a shell" same \
  "$(getent passwd electrum-probe | cut -d: -f6,7)" /var/lib/electrum-probe:/usr/sbin/nologin
check "and a group" getent group electrum-probe
check "systemd finds nothing wrong with service and timer" systemd-analyze --man=no verify \
  /usr/lib/systemd/system/electrum-probe.service /usr/lib/systemd/system/electrum-probe.timer
check "the timer is enabled" test -L $wants
check "nothing was visited by the installation itself" test ! -e $log
if $booted; then
  check "the timer runs" systemctl is-active electrum-probe.timer
  next=$(systemctl show -P NextElapseUSecRealtime electrum-probe.timer)
  seconds=$(($(date -d "$next" +%s) - $(date +%s)))
  check "its next visit is within two hours ($seconds s)" \
    test "$seconds" -gt 0 -a "$seconds" -le 7200
fi

# Nobody listens on port 1, but that is only found out behind the look-up of the name.
echo "127.0.0.1 named.example" >>/etc/hosts
{
  cat servers.txt
  echo "named.example t1"
} >/etc/electrum-probe.servers
set_value PROBE_SERVERS "--endpoints /etc/electrum-probe.servers"
set_value PROBE_OPTIONS "--vantage packages-test --slots 4 --timeout 8"
check "a visit" visit
check "the log is the user's, and everybody may read it" is $log "644 electrum-probe:electrum-probe"
check "every endpoint was visited" same "$(grep -c '"outcome":"ok"' $log)" "$endpoints"
check "names are looked up" grep -q '"host":"named.example".*"outcome":"refused"' $log
check "the settings' options arrived" grep -q '"vantage":"packages-test"' $log
check "a second visit appends" visit
check "two runs are in the log" same "$(runs)" 2
set_value PROBE_KEEP 128k
count=0
while [ $count -lt 20 ]; do
  visit || break
  count=$((count + 1))
done
check "twenty visits within 128 KiB" same $count 20
size=$(cat $log $log.1 2>/dev/null | wc -c)
check "the log and its older part keep to it ($size bytes)" test "$size" -le 131072 -a -e $log.1
set_value PROBE_SERVERS "--chain nonsense"
check_not "wrong settings are an error" visit
if $booted; then
  check "that the journal explains" sh -c 'journalctl -u electrum-probe.service | grep -q nonsense'
fi
set_value PROBE_SERVERS "--endpoints /etc/electrum-probe.servers"

cp $settings kept
check "an upgrade without a terminal keeps changed settings" apt-get install --quiet --yes \
  -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold ./new.deb
check "they are as they were" cmp $settings kept
check "the new ones lie beside" grep -q 'of 0.1.1' $settings.dpkg-dist
check "the log is still there" test -s $log
check "the user is the same" is $log "644 electrum-probe:electrum-probe"
check "the timer is still enabled" test -L $wants
! $booted || check "and runs" systemctl is-active electrum-probe.timer
check "a visit after the upgrade" visit

systemctl disable electrum-probe.timer >/dev/null 2>&1
! $booted || systemctl stop electrum-probe.timer
check "a downgrade" dpkg --force-confdef --force-confold -i old.deb
check "a timer that was disabled stays disabled" test ! -e $wants
! $booted || check_not "and stopped" systemctl is-active electrum-probe.timer
# As the guide says it.
if $booted; then
  systemctl enable --now electrum-probe.timer >/dev/null 2>&1
else
  systemctl enable electrum-probe.timer >/dev/null 2>&1
fi
check "configured once more, nothing changes" \
  sh /var/lib/dpkg/info/electrum-probe.postinst configure 0.1.0
! $booted || check "and the timer runs again" systemctl is-active electrum-probe.timer

check "it is removed" apt-get remove --quiet --yes electrum-probe
check "the program is gone" test ! -e /usr/bin/electrum-probe
check "the settings stay" cmp $settings kept
check "the log stays" test -s $log
! $booted || check_not "the timer is stopped" systemctl is-active electrum-probe.timer
check "removed and installed again, it has its settings" dpkg --force-confold -i old.deb
check "the same ones" cmp $settings kept

check "it is purged" apt-get purge --quiet --yes electrum-probe
check "settings, log, timer and their traces are gone" same \
  "$(find /etc /var /usr /run -xdev -name '*electrum*probe*' ! -path '/etc/electrum-probe.servers' \
    ! -path '/run/systemd/propagate/*' | sort | xargs)" ""
check "the user stays" getent passwd electrum-probe

systemctl mask electrum-probe.timer >/dev/null 2>&1
check "installed behind a masked timer" dpkg -i old.deb
check "the timer is still masked" same "$(readlink /etc/systemd/system/electrum-probe.timer)" /dev/null
systemctl unmask electrum-probe.timer >/dev/null 2>&1
if $booted; then
  check "unmasked, it can be enabled" systemctl enable --now electrum-probe.timer
  check "and runs" systemctl is-active electrum-probe.timer
else
  check "unmasked, it can be enabled" systemctl enable electrum-probe.timer
fi
check "for good" test -L $wants
dpkg -i new.deb >/dev/null 2>&1
cp $settings unchanged
check "unchanged settings follow the package without a question" grep -q 'of 0.1.1' unchanged
check "purged again" dpkg -P electrum-probe
