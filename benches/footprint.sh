#!/bin/sh
# What each mode costs before and beside its speed: the size of the command, and for a module the time until its
# first instruction, the code that is made of it, and the most memory that the process takes. Puts the tables
# into docs/src/modes.md.
#
# usage: footprint.sh [MODULE.wasm [ARG...]]
#
# Without arguments the module is yosys (21 MB), which benches/compare/modules.sh downloads, and prints its version.
set -eu

cd "$(dirname "$0")/.."
if [ $# = 0 ]; then
    benches/compare/modules.sh
    set -- target/corpus/modules/yosys.wasm --version
fi
page=docs/src/modes.md
riser=target/release/riser

cargo build --quiet --release
# As in default features, but for the Fast JIT.
CARGO_TARGET_DIR=target/footprint cargo build --quiet --release --no-default-features --features classic,cli

bytes() {
    strip -o target/footprint/stripped "$1"
    stat -c %s target/footprint/stripped
}

sizes() {
    echo "| \`riser\`, stripped | MB |"
    echo "|---|--:|"
    for build in "with \`fast-jit\`:$riser" "without:target/footprint/release/riser"; do
        bytes "${build#*:}" | awk -v name="${build%%:*}" '{ printf "| %s | %.1f |\n", name, $1 / 1e6 }'
    done
}

# MODE COMPILATION MODULE ARG...: a row of the table.
row() {
    mode=$1 compilation=$2
    shift 2
    "$riser" run --stats --mode "$mode" --compile "$compilation" "$@" 2>&1 >/dev/null | awk -v title="$mode, $compilation" '
        { value = $(NF - 1) }
        /^(load|instantiate) / { first += value }
        /^interpreter code/ || /^code of / { code += value }
        /^translated from/ || /^(functions|bailouts) / { next }
        /^wasm / { wasm = value }
        /^peak memory/ { memory = value / 1024 }
        END { printf "| %s | %.1f | %.2f | %.2f | %.0f |\n", title, first, code / 1e6, code / wasm, memory }'
}

footprints() {
    echo "| mode, compilation | to the first instruction, ms | code made, MB | code per byte of the module | peak memory, MiB |"
    echo "|---|--:|--:|--:|--:|"
    for mode in classic interp fast-jit multi-tier; do
        for compilation in lazy lazy-translation eager; do
            row "$mode" "$compilation" "$@"
        done
    done
}

# MARKER: prints what comes in, and puts it into the page between the lines <!-- MARKER --> and <!-- end -->.
publish() {
    tee "$page.table"
    awk -v marker="<!-- $1 -->" -v table="$page.table" '
        $0 == "<!-- end -->" { skip = 0 }
        !skip { print }
        $0 == marker {
            skip = 1
            print ""
            while ((getline line < table) > 0) print line
            print ""
        }' "$page" >"$page.new"
    mv "$page.new" "$page"
    rm "$page.table"
}

sizes | publish "binary sizes"
footprints "$@" | publish footprints
