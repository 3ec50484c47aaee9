#!/usr/bin/env bash
# Debian packages the suite needs beyond Python and make; safe to run again, silent when there is nothing to do.
set -euo pipefail

missing=()
command -v promtool >/dev/null || missing+=(prometheus)           # tests of the Prometheus rules
command -v amtool >/dev/null || missing+=(prometheus-alertmanager) # check of the Alertmanager routes
command -v chromium >/dev/null || missing+=(chromium)              # tests of the board's page
[ -n "$(find /usr/share/fonts -name 'wqy-*' 2>/dev/null)" ] || missing+=(fonts-wqy-zenhei) # its Chinese, in pictures
[ ${#missing[@]} -eq 0 ] && exit 0

echo "installing ${missing[*]}"
sudo=()
[ "$(id -u)" -eq 0 ] || sudo=(sudo)
export DEBIAN_FRONTEND=noninteractive
# Only the command line tools are wanted: a policy file keeps the packages from starting their services.
if [ ! -e /usr/sbin/policy-rc.d ]; then
    printf '#!/bin/sh\nexit 101\n' | "${sudo[@]}" tee /usr/sbin/policy-rc.d >/dev/null
    "${sudo[@]}" chmod +x /usr/sbin/policy-rc.d
    trap '"${sudo[@]}" rm -f /usr/sbin/policy-rc.d' EXIT
fi
"${sudo[@]}" apt-get update -qq
"${sudo[@]}" apt-get install -qq -y --no-install-recommends "${missing[@]}" >/dev/null
