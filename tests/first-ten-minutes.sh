#!/usr/bin/env bash
# What a new user does in the first ten minutes, with a fresh clone in a temporary folder: install, run, embed, measure.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
. tests/steps.sh
# Kept from one time to the next, so that only what has changed is compiled.
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$root/target/first-ten-minutes}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# expect WHAT IS SHOULD: ends if two texts differ.
expect() {
    [ "$2" = "$3" ] || { printf '== %s: not what was expected\n%s\n-- but\n%s\n' "$1" "$2" "$3" >&2; exit 1; }
    echo "== $1: as expected"
}

git clone --quiet "$root" "$folder/riser"

# Install. As from anywhere else: `cargo install --git URL riser`.
cargo install --quiet --locked --git "file://$folder/riser" --root "$folder/installed" riser
export PATH=$folder/installed/bin:$PATH
expect version "$(command -v riser)" "$folder/installed/bin/riser"
riser --version
riser modes

# Run.
programs=$folder/riser/benches/programs
expect "a program" "$(riser "$programs/coremix.wasm")" "$(cat "$programs/expected/coremix.txt")"
gzip -c "$programs/coremix.wasm" >"$folder/coremix.wasm.gz"
expect "packed" "$(riser "$folder/coremix.wasm.gz")" "$(cat "$programs/expected/coremix.txt")"
cat >"$folder/add.wat" <<'WAT'
(module
  (func (export "add") (param i32 i32) (result i32)
    local.get 0
    local.get 1
    i32.add))
WAT
expect "a function" "$(riser run --invoke add "$folder/add.wat" 40 2)" 42
riser dump-ir "$folder/add.wat" | grep --quiet i32.add
code=0
riser run --invoke ad "$folder/add.wat" 2>"$folder/error" || code=$?
expect "a mistake" "$code" 1
grep --quiet 'did you mean `add`' "$folder/error"

# Embed: the README's lines, in a crate of one's own.
mkdir -p "$folder/embed/src"
cp "$folder/add.wat" "$folder/riser/Cargo.lock" "$folder/embed"
cat >"$folder/embed/Cargo.toml" <<TOML
[package]
name = "embed"
version = "0.1.0"
edition = "2024"

[workspace]

[dependencies]
riser = { git = "file://$folder/riser" }
TOML
example=$(awk '/^```rust$/ { inside = 1; next } /^```$/ { inside = 0 } inside' README.md)
{
    grep '^use ' <<<"$example"
    echo 'fn main() -> riser::Result<()> {'
    grep --invert-match '^use ' <<<"$example"
    echo 'println!("embedded"); Ok(()) }'
} >"$folder/embed/src/main.rs"
expect "an embedding" "$(cd "$folder/embed" && cargo run --quiet --release)" embedded

# Measure: the README's five minutes.
cd "$folder"
riser bench --modes interp,classic --copies 2 --rounds 1 --time 1s --json coremix.json "$programs/coremix.wasm" 10 | grep '^classic '
riser report coremix.json -o report.html
riser profile --heat heat.json "$programs/coremix.wasm" 10
riser explore --heat heat.json -o explore.html "$programs/coremix.wasm"
grep --quiet '"heat":' explore.html

echo "== all of it works"
