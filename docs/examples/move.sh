#!/bin/sh
# Moves a program while it runs, from process to process and from mode to mode: each process stops it after a time, writes it into a pipe,
# and the next one goes on.
#
#   docs/examples/move.sh PROGRAM.wasm [ARGS]...
#
# RISER is the command, AFTER what `--snapshot-after` takes.
set -eu
riser=${RISER:-riser}
after=${AFTER:-200ms}

# What the program prints goes to where this script prints (4). The snapshot goes into the pipe (3).
exec 4>&1
"$riser" run --mode classic --snapshot /dev/fd/3 --snapshot-after "$after" "$@" 3>&1 >&4 |
    "$riser" resume --mode interp --snapshot /dev/fd/3 --snapshot-after "$after" - 3>&1 >&4 |
    "$riser" resume --mode multi-tier -
