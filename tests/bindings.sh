#!/usr/bin/env bash
# The bindings: the libraries for C as they are installed, with programs against them, and the Python package.
#
#   tests/bindings.sh [CARGO'S FLAGS..]
#
# What is not there (valgrind, matplotlib, a network for pip) is said, and counts as passed.
set -euo pipefail
cd "$(dirname "$0")/.."

prefix=$PWD/target/bindings
bindings/c/install.sh "$prefix" "$@"
RISER_PREFIX=$prefix cargo test --release -p riser-c-api --features installed --test installed "$@"

export PYTHONDONTWRITEBYTECODE=1
environment=$(mktemp -d)
trap 'rm -rf "$environment"' EXIT
# The package with the library that has just been built. Without a network pip has no setuptools to build with; then the package is used
# where it is.
if python3 -m venv "$environment" && RISER_LIBRARY=$prefix/lib/libriser.so "$environment/bin/pip" install --quiet ./bindings/python; then
    python=$environment/bin/python3
else
    echo "pip cannot install the package: it is tested where it is"
    export RISER_LIBRARY=$prefix/lib/libriser.so PYTHONPATH=$PWD/bindings/python
    python=python3
fi
"$python" -m unittest discover bindings/python/tests
"$python" docs/examples/dispatch.py "$environment/dispatch.svg" "" run 18
test -s "$environment/dispatch.svg"
