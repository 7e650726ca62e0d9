#!/bin/sh
# Builds the guests of this folder, which are committed: they need compilers that few machines have. Nothing is installed;
# the compilers are two versions of one Python package, each in a folder of its own:
#
#   pip install --target zig-0.14 ziglang==0.14.1     threads: later ones have no allocator for threads of WebAssembly
#   pip install --target zig-0.17 ziglang==0.17.1     exceptions: clang 22, and the sources of libc++abi
#   ZIG_THREADS=zig-0.14/ziglang ZIG_EXCEPTIONS=zig-0.17/ziglang ./build.sh
set -eu
: "${ZIG_THREADS:?the folder of ziglang 0.14}" "${ZIG_EXCEPTIONS:?the folder of ziglang 0.17}"
threads=$(realpath "$ZIG_THREADS")
exceptions=$(realpath "$ZIG_EXCEPTIONS")
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

"$threads/zig" build-exe "$here/threads.zig" -target wasm32-wasi -mcpu=generic+atomics+bulk_memory -fno-single-threaded \
    --import-memory --export-memory --shared-memory --max-memory=33554432 --export=wasi_thread_start \
    -O ReleaseSmall -fstrip
cp threads.wasm "$here"

# Zig's own library for this target is built without exceptions. These files of it are what throws and catches; the tag is
# what the compiler expects of the library.
printf '\t.tagtype\t__cpp_exception i32\n\t.globl\t__cpp_exception\n__cpp_exception:\n' >tag.s
library=$exceptions/lib
includes="-I$library/libcxxabi/include -I$library/libcxxabi/src -I$library/libcxx/src -I$library/libunwind/include
    -I$library/libunwind/src"
defines='-D_LIBCXXABI_HAS_NO_THREADS -D_LIBCPP_BUILDING_LIBRARY -D_LIBCXXABI_BUILDING_LIBRARY
    -D_LIBUNWIND_HAS_NO_THREADS -D_LIBUNWIND_HIDE_SYMBOLS'
for kind in exceptions legacy-exceptions; do
    legacy=false
    [ $kind = exceptions ] || legacy=true
    flags="-target wasm32-wasi -Oz -fwasm-exceptions -mexception-handling -fdeclspec
        -mllvm -wasm-enable-eh -mllvm -wasm-use-legacy-eh=$legacy"
    # shellcheck disable=SC2086 # flags are words
    {
        for source in cxa_exception cxa_personality; do
            "$exceptions/zig" c++ $flags -std=c++23 $includes $defines -c "$library/libcxxabi/src/$source.cpp" -o $source.o
        done
        "$exceptions/zig" cc $flags $includes $defines -w -c "$library/libunwind/src/Unwind-wasm.c" -o unwind.o
        "$exceptions/zig" cc -target wasm32-wasi -mexception-handling -c tag.s -o tag.o
        "$exceptions/zig" c++ $flags -s "$here/exceptions.cpp" cxa_exception.o cxa_personality.o unwind.o tag.o \
            -o "$here/$kind.wasm"
    }
done
