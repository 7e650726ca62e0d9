#!/usr/bin/env bash
# Runs the program of the README's first command, and compares what it prints with what it prints when it is compiled for this machine.
#
#   tests/program.sh COMMAND...      the command in place of `cargo run --release --`
set -euo pipefail
cd "$(dirname "$0")/.."
arguments=$(sed -n 's|^    cargo run --release -- ||p' README.md | head -n 1)
[ -n "$arguments" ] || { echo "README.md has no command 'cargo run --release -- ...'" >&2; exit 1; }
# shellcheck disable=SC2086
output=$("$@" $arguments)
echo "$output"
[ "$output" = "$(cat benches/programs/expected/coremix.txt)" ] || { echo "== not what was expected" >&2; exit 1; }
