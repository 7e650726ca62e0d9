#!/usr/bin/env bash
# Runs tests under the tools that watch memory. Needs a nightly toolchain, and for Miri its component `miri`.
#
#   tests/sanitizers.sh address    the specification's suite in the register interpreter, under AddressSanitizer,
#                                  every dispatch and bounds strategy
#   tests/sanitizers.sh miri       the translator's tests under Miri
#
# What is not there is said, and counts as passed: these are for machines that have it.
set -euo pipefail
cd "$(dirname "$0")/.."

has() {
    cargo +nightly "$@" >/dev/null 2>&1
}

address() {
    if ! has --version; then
        echo "AddressSanitizer needs a nightly toolchain: rustup toolchain install nightly"
        return
    fi
    local target
    target=$(rustc -vV | sed -n 's/^host: //p')
    # Riser's handler of memory faults comes first; faults that are not its own still end in a report.
    export ASAN_OPTIONS=handle_segv=0:allow_user_segv_handler=1:detect_stack_use_after_return=0
    export RUSTFLAGS=-Zsanitizer=address CARGO_TARGET_DIR=target/address
    cargo +nightly test --release --target "$target" --no-default-features --features wast --test spec -- --config interp
}

miri() {
    if ! has miri --version; then
        echo "Miri is not installed: rustup +nightly component add miri"
        return
    fi
    # The file system for the file tests; few cases, because Miri is a thousand times slower.
    export MIRIFLAGS=-Zmiri-disable-isolation CARGO_TARGET_DIR=target/miri PROPTEST_CASES=2
    cargo +nightly miri test -p riser-translator --lib --test ir --test verifier
    cargo +nightly miri test -p riser-properties --test own_translator
}

case ${1:-} in
    address) address ;;
    miri) miri ;;
    *)
        sed -n 's/^# \{0,1\}//p' "$0" | sed 1d >&2
        exit 2
        ;;
esac
