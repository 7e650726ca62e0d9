#!/bin/sh
# Runs the committed .wasm programs, those of vector/ too, at their default scale
# and compares what they print with expected/NAME.txt beside them.
#
#   ./verify.sh RUNNER...      the command that takes a .wasm file as its last
#                              argument, e.g. `riser run --mode classic`
#
# Exits with 1 if any program fails or prints something else.
set -eu
folder=$(dirname "$0")
[ $# -gt 0 ] || { echo "usage: $0 RUNNER..." >&2; exit 2; }

out=$(mktemp)
trap 'rm -f "$out"' EXIT
failed=0
for wasm in "$folder"/*.wasm "$folder"/vector/*.wasm; do
    name=${wasm#"$folder"/}
    name=${name%.wasm}
    if "$@" "$wasm" >"$out" && cmp -s "$out" "$(dirname "$wasm")/expected/$(basename "$name").txt"; then
        echo "ok   $name"
    else
        echo "FAIL $name"
        failed=1
    fi
done
exit $failed
