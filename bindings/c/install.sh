#!/usr/bin/env bash
# Builds the libraries for C, and puts them and their headers where a C compiler finds them.
#
#   bindings/c/install.sh PREFIX [CARGO'S FLAGS..]
#   bindings/c/install.sh /usr/local --features llvm
#   bindings/c/install.sh "$HOME/.local" --profile dist        as small and fast as it gets; takes minutes
#
# Then, where PREFIX/lib/pkgconfig is in PKG_CONFIG_PATH:
#
#   cc program.c $(pkg-config --cflags --libs riser)
#   cc program.c $(pkg-config --cflags riser) PREFIX/lib/libriser.a $(pkg-config --static --libs-only-other --libs-only-l riser | sed 's/-lriser //')
set -euo pipefail
[ $# -ge 1 ] && [[ $1 != -* ]] || {
    awk 'NR > 1 { if (!/^#/) exit; sub(/^# ?/, ""); print }' "$0" >&2
    exit 2
}
mkdir -p "$1"
prefix=$(cd "$1" && pwd)
shift
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."

profile=release
for ((i = 1; i < $#; i++)); do
    next=$((i + 1))
    [ "${!i}" != --profile ] || profile=${!next}
done
version=$(cargo pkgid -p riser-c-api | sed 's/.*[#@]//')
built=${CARGO_TARGET_DIR:-target}/$profile
mkdir -p "$built"
libraries=$(realpath "$built")/libriser_c_api.libraries
# The library knows its name, so that a program finds it by the name that it was linked with. The compiler says what a program that has
# the static library has to be linked with, too; with LLVM, that is LLVM.
cargo rustc --profile "$profile" -p riser-c-api --lib --crate-type cdylib,staticlib "$@" -- \
    -C link-arg=-Wl,-soname,libriser.so --print "native-static-libs=$libraries"

install -d "$prefix/include" "$prefix/lib/pkgconfig"
install -m 644 "$here/include/wasm.h" "$here/include/riser.h" "$prefix/include"
install -m 755 "$built/libriser_c_api.so" "$prefix/lib/libriser.so"
install -m 644 "$built/libriser_c_api.a" "$prefix/lib/libriser.a"
sed "s|@PREFIX@|$prefix|; s|@VERSION@|$version|; s|@LIBRARIES@|$(cat "$libraries")|" "$here/riser.pc.in" >"$prefix/lib/pkgconfig/riser.pc"
echo "Riser $version for C is in $prefix"
