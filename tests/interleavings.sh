#!/usr/bin/env bash
# Runs the tests of what threads share without a lock, or wait for, in every order that the threads can take, under loom:
# how calls find code that is being published, the queue of what is to be compiled in the background, and how threads of
# guests wait and wake.
set -euo pipefail
cd "$(dirname "$0")/.."
export RUSTFLAGS="--cfg loom" CARGO_TARGET_DIR=target/loom LOOM_MAX_PREEMPTIONS=3
# What takes time here is compiling.
export CARGO_PROFILE_DEV_OPT_LEVEL=0 CARGO_PROFILE_DEV_DEBUG=0
cargo test --quiet -p riser-tiers-core --lib links
cargo test --quiet -p riser-tiers-core --lib waiters
cargo test --quiet -p riser-vm --lib tiering::queue
