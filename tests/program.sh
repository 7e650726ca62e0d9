#!/usr/bin/env bash
# Runs the program of the README's first command, and compares what it prints with what it prints when it is compiled for this machine.
#
#   tests/program.sh COMMAND...      the command in place of `cargo run --release --`
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/steps.sh
command=$(readme 'cargo run --release --')
# shellcheck disable=SC2086
output=$("$@" ${command#*-- })
echo "$output"
[ "$output" = "$(cat benches/programs/expected/coremix.txt)" ] || { echo "== not what was expected" >&2; exit 1; }
