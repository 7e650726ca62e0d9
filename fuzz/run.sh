#!/usr/bin/env bash
# Runs every target for a time, 60 seconds unless the argument says otherwise, and prints a table.
#
# With a nightly toolchain and cargo-fuzz, coverage chooses the inputs; what it finds new is kept in
# fuzz/libfuzzer/corpus. Otherwise the ordinary runner makes them from numbers.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-60}
export RUST_BACKTRACE=0

if ! { cargo +nightly --version && cargo fuzz --version; } >/dev/null 2>&1; then
    exec cargo run --release --quiet -p riser-fuzz -- --seconds "$seconds"
fi

cargo run --release --quiet -p riser-fuzz -- --seeds fuzz/libfuzzer/corpus
status=0
printf '%-12s %12s %10s %10s %9s\n' target inputs edges features findings
for target in translate differential single_inst wast streaming ahead api cost monitors; do
    log=$(mktemp)
    findings=0
    cargo +nightly fuzz run --fuzz-dir fuzz/libfuzzer --sanitizer none "$target" -- \
        -max_total_time="$seconds" -max_len=4096 -timeout=20 -print_final_stats=1 >"$log" 2>&1 || findings=1
    inputs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    last=$(grep -E '^#[0-9]+.*cov:' "$log" | tail -n 1)
    edges=$(sed -n 's/.*cov: \([0-9]*\).*/\1/p' <<<"$last")
    features=$(sed -n 's/.*ft: \([0-9]*\).*/\1/p' <<<"$last")
    printf '%-12s %12s %10s %10s %9s\n' "$target" "${inputs:--}" "${edges:--}" "${features:--}" "$findings"
    if [ "$findings" != 0 ]; then
        status=1
        tail -n 40 "$log"
    fi
    rm "$log"
done
exit "$status"
