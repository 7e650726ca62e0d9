#!/bin/sh
# Builds the programs of this folder and of vector/ for wasm32-wasi, next to their
# sources, and writes expected/NAME.txt beside them: what the same source prints,
# at its default scale, when gcc compiles it for this machine.
#
#   ./build.sh                      every program
#   ./build.sh sort vector/dot ...  some of them
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
# Those of vector/ have vectors besides, and loops that the compiler is to vectorise.
vector_features="$features -msimd128"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

[ $# -gt 0 ] || set -- $(ls -- *.c vector/*.c | sed 's/\.c$//')
for program; do
    folder=$(dirname "$program")
    name=$(basename "$program")
    case $folder in
    vector) level=-O3 allowed=$vector_features ;;
    *) level=-O2 allowed=$features ;;
    esac
    mkdir -p "$folder/expected"
    # Compiled and linked in two steps: with -O at link time clang would run
    # whatever wasm-opt is installed over the result.
    # shellcheck disable=SC2086
    "$CLANG" --target=wasm32-wasi $level $warnings $allowed -ffp-contract=off -c "$program.c" -o "$work/$name.o"
    "$CLANG" --target=wasm32-wasi -Wl,--strip-debug -Wl,--stack-first "$work/$name.o" -o "$program.wasm"
    chmod 644 "$program.wasm"
    # shellcheck disable=SC2086
    "$GCC" -O2 $warnings -ffp-contract=off "$program.c" -o "$work/$name" -lm
    "$work/$name" >"$folder/expected/$name.txt"
    printf '%-24s %7d bytes of wasm\n' "$program" "$(wc -c <"$program.wasm")"
done
