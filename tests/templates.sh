#!/usr/bin/env bash
# The folders to copy, in `templates`: copied out of the repository, with their one line changed, they build and do what they say.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
export CARGO_TARGET_DIR=$root/target/templates
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# copy NAME: a copy of a template, which names the repository by its path.
copy() {
    cp -r "templates/$1" "$folder/$1"
    sed -i "s|path = \"\.\./\.\.|path = \"$root|" "$folder/$1/Cargo.toml"
    # With the versions that the repository is tested with.
    cp Cargo.lock "$folder/$1/Cargo.lock"
    cd "$folder/$1"
}

(
    copy own-sink
    cargo test --release --quiet
)
(
    copy own-tier
    cargo build --release --quiet
    own=$CARGO_TARGET_DIR/release/own-tier
    [ "$("$own" run --mode closures --invoke fib fib.wat 20)" = 6765 ]
    "$own" bench --modes interp,closures --copies 2 --rounds 1 --time 1ms --invoke fib fib.wat 10 | grep '^closures '
    "$own" lockstep --a interp --b closures --invoke fib fib.wat 10
)
(
    copy own-monitor
    cargo build --release --quiet
    own=$CARGO_TARGET_DIR/release/own-monitor
    report=$("$own" run --monitor divisions --invoke average average.wat 40 2 2>&1)
    [ "$(echo "$report" | xargs)" = "21 1 average" ]
)
