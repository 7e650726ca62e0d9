#!/bin/sh
# Installs what the cargo feature `llvm` needs to run, on Debian and Ubuntu: LLVM 19, as a shared library. Building takes nothing.
set -eu
package=libllvm19
version() {
    dpkg-query --show --showformat='${Version}' "$package"
}
if dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed; then
    echo "LLVM $(version) is there already"
    exit 0
fi
as_root=""
[ "$(id -u)" = 0 ] || as_root="sudo"
$as_root apt-get update --quiet
$as_root apt-get install --yes --quiet --no-install-recommends "$package"
echo "LLVM $(version) is installed"
