#!/bin/sh
# SPDX-License-Identifier: MIT
# OpenWrt's CI runs this on the installed package: test.sh PACKAGE VERSION
case $1 in
  electrum-probe) electrum-probe --version | grep -F "$2" ;;
esac
