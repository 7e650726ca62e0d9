#!/usr/bin/env bash
# Packs the crates that are published, in the order in which they depend on each other, and builds each from what was packed.
#
#   dist/packages.sh              packs and builds
#   dist/packages.sh --no-verify  packs only
set -euo pipefail
cd "$(dirname "$0")/.."

# Those of the workspace that are published. Cargo orders them.
crates=$(cargo metadata --no-deps --format-version 1 |
    python3 -c 'import json, sys; [print(it["name"]) for it in json.load(sys.stdin)["packages"] if it["publish"] != []]')
flags=()
for crate in $crates; do
    flags+=(--package "$crate")
done
# This is the build without optimisation, where dispatch falls back to a loop: it has no warnings, either.
RUSTFLAGS="${RUSTFLAGS:-} --deny warnings" cargo package --allow-dirty "${flags[@]}" "$@"
