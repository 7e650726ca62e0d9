#!/bin/sh
# Installs what the cargo feature `llvm` needs to build, on Debian and Ubuntu: LLVM 19, and what it is linked with.
set -eu
packages="llvm-19-dev libpolly-19-dev zlib1g-dev libzstd-dev libxml2-dev"
missing=""
for package in $packages; do
    dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing="$missing $package"
done
if [ -z "$missing" ]; then
    echo "LLVM $(llvm-config-19 --version) is there already"
    exit 0
fi
as_root=""
[ "$(id -u)" = 0 ] || as_root="sudo"
$as_root apt-get update --quiet
# shellcheck disable=SC2086  # a list of packages
$as_root apt-get install --yes --quiet --no-install-recommends $missing
echo "LLVM $(llvm-config-19 --version) is installed"
