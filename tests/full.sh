#!/usr/bin/env bash
# Everything that is tested, in parts that can be run one by one; each takes at most half an hour on two cores.
#
#   tests/full.sh            all parts
#   tests/full.sh spec ...   those parts
#   tests/full.sh --list     which parts there are
#
# What a part needs and is not there (a nightly toolchain, Miri, cargo-deny) is said, and counts as passed.
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/steps.sh
export CARGO_INCREMENTAL=0
# Tests that take a sample without it, of settings, programs, configurations, then take all.
export RISER_FULL=1

# The specification's suite: every file in every configuration.
part_spec() {
    cargo test --release --workspace --features llvm --test spec
}

# The programs, in every mode and under every setting; every test of the command and of the library.
part_programs() {
    cargo test --release --workspace --features llvm --test command --test embedding --test own_tier --test soak
}

# The README's command, as it is.
part_readme() {
    tests/program.sh cargo run --release --quiet --
}

# Bombs: modules whose cost in time, memory or stack was once out of proportion, and frames of all sizes.
part_bombs() {
    cargo test --release --workspace --features llvm --exclude riser --exclude xtask -- --ignored
    cargo test --release --workspace --features llvm --test command --test embedding -- --ignored
}

# Debug assertions and overflow checks everywhere, with the loops that dispatch then falls back to.
part_assertions() {
    RISER_FULL='' cargo test --workspace --features llvm
}

# Without any optimisation.
part_o0() {
    CARGO_PROFILE_DEV_OPT_LEVEL=0 cargo test -p riser-translator -p riser-properties -p riser-interp -p riser-vm
}

# Every property of translations on twenty times as many modules; and whether they notice when the translator makes a mistake.
part_properties() {
    PROPTEST_CASES=5000 cargo test --release -p riser-properties --features command
    cargo test --release -p riser-properties --features faults --test properties -- faults
    cargo test --release --no-default-features --features classic,faults --test planted
    cargo test --release -p riser-fuzz --features faults --test faults
    cargo test --release --workspace --features llvm --lib -- operations_are_right
}

# Memory, watched.
part_address() {
    tests/sanitizers.sh address
}
part_miri() {
    tests/sanitizers.sh miri
}

# Threads, in every order that they can take.
part_threads() {
    tests/interleavings.sh
}

# Every feature on its own still builds, except `become`, which has a part of its own.
part_features() {
    local feature
    for feature in '' async classic cli fast-jit faults llvm lockstep prop resumable wasi wast wat; do
        echo "-- $feature"
        cargo check --release --quiet --no-default-features --features "$feature"
    done
}

# Explicit tail calls: the compiler checks the handlers' signatures and borrows.
part_become() {
    if cargo +nightly --version >/dev/null 2>&1; then
        cargo +nightly test -p riser-vm --features become --test api
    else
        echo "dispatch by explicit tail calls needs a nightly toolchain: rustup toolchain install nightly"
    fi
}

# What is depended on: licences, duplicates, where it comes from, and advisories where their database can be had.
part_deny() {
    if ! cargo deny --version >/dev/null 2>&1; then
        echo "dependencies are not checked: there is no cargo-deny (cargo install cargo-deny --locked)"
        return
    fi
    local checks="bans licenses sources"
    if cargo deny --log-level off fetch db; then
        checks="advisories $checks"
    else
        echo "advisories are not checked: their database needs a network"
    fi
    # What is allowed and no longer needed is an error.
    cargo deny --workspace check --deny unmatched-skip --deny unnecessary-skip $checks
}

# Riser beside other engines, a workspace of its own, still builds.
part_compare() {
    cargo clippy --quiet --manifest-path benches/compare/Cargo.toml --features sf-nano,tinywasm,pulley -- --deny warnings
}

# The folders to copy build outside of the repository.
part_templates() {
    tests/templates.sh
}

# The libraries for C and the Python package, as users get them.
part_bindings() {
    tests/bindings.sh
}

# A fresh clone, as a new user has it: install, run, embed, measure.
part_newcomer() {
    tests/first-ten-minutes.sh
}

# The crates as they are published, the static command, and the book.
part_releases() {
    dist/packages.sh
    dist/static.sh
    docs/render.sh
}

# The pages that commands write, in a browser.
part_pages() {
    command -v chromium >/dev/null || apt-get install --yes --quiet --no-install-recommends chromium
    cargo build --release --features llvm --bin riser
    tests/pages.sh target/release/riser
}

# A quarter of an hour of fuzzing, LLVM among the modes.
part_fuzz() {
    cargo run --release -p riser-fuzz --features llvm -- --seconds 150 --jobs 2
}

parts=$(declare -F | sed -n 's/^declare -f part_//p')
case ${1:-} in
    --list)
        echo "$parts"
        exit
        ;;
    -*)
        awk 'NR > 1 { if (!/^#/) exit; sub(/^# ?/, ""); print }' "$0" >&2
        exit 2
        ;;
esac
for part in "$@"; do
    declare -F "part_$part" >/dev/null || { echo "there is no part '$part'; there are:" $parts >&2; exit 2; }
done

begin target/full-times.tsv "$@"
for part in ${*:-spec programs readme bombs assertions o0 properties address miri threads features become deny compare templates bindings newcomer releases pages fuzz}; do
    step "$part" "part_$part"
done
finish
