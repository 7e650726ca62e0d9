#!/bin/sh
# Builds the programs of this folder for wasm32-wasi, next to their sources, and
# writes expected/NAME.txt: what the same source prints, at its default scale,
# when gcc compiles it for this machine.
#
#   ./build.sh            every program
#   ./build.sh NAME...    some of them
#
# Nothing is installed. Debian packages that hold the tools:
#   clang-19 lld-19 wasi-libc libclang-rt-19-dev-wasm32 gcc libc6-dev
set -eu
cd "$(dirname "$0")"

CLANG=${CLANG:-clang-19}
GCC=${GCC:-gcc}
packages='clang-19 lld-19 wasi-libc libclang-rt-19-dev-wasm32 gcc libc6-dev'

missing() {
    echo "build.sh: $1 is missing; it comes with these Debian packages: $packages" >&2
    exit 1
}
command -v "$CLANG" >/dev/null || missing "$CLANG"
command -v "$GCC" >/dev/null || missing "$GCC"
command -v wasm-ld-19 >/dev/null || missing wasm-ld-19
[ -e /usr/lib/wasm32-wasi/crt1-command.o ] || missing wasi-libc
[ -e "$("$CLANG" --target=wasm32-wasi -print-libgcc-file-name)" ] || missing libclang_rt.builtins-wasm32.a

warnings='-std=c11 -Wall -Wextra -Wconversion -Werror'
# The features beyond the first version of WebAssembly that code may use.
features='-mmutable-globals -msign-ext -mnontrapping-fptoint -mbulk-memory'

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p expected

[ $# -gt 0 ] || set -- $(ls -- *.c | sed 's/\.c$//')
for name; do
    # Compiled and linked in two steps: with -O at link time clang would run
    # whatever wasm-opt is installed over the result.
    "$CLANG" --target=wasm32-wasi -O2 $warnings $features -ffp-contract=off -c "$name.c" -o "$work/$name.o"
    "$CLANG" --target=wasm32-wasi -Wl,--strip-debug -Wl,--stack-first "$work/$name.o" -o "$name.wasm"
    chmod 644 "$name.wasm"
    # shellcheck disable=SC2086
    "$GCC" -O2 $warnings -ffp-contract=off "$name.c" -o "$work/$name" -lm
    "$work/$name" >"expected/$name.txt"
    printf '%-16s %7d bytes of wasm\n' "$name" "$(wc -c <"$name.wasm")"
done
