#!/bin/sh
# Makes all the records that the documentation quotes, as ../record/NAME-*.tsv, prints their
# tables, and puts them into docs/src/how-fast.md. Takes about an hour, on a machine that
# should do nothing else.
#
# usage: record.sh NAME [PART...]
#
# parts: steps engines polybench libsodium compile linear start, and for docs/src/fast-jit.md native native-polybench
# native-libsodium native-compile, for docs/src/llvm.md llvm llvm-polybench llvm-libsodium llvm-levels llvm-compile llvm-lazy, for
# docs/src/aot.md ahead, for docs/src/multi-tier.md short first, and for README.md modes; all of them if none is named.
# With FROM=1, records are not made but taken as they are.
# The corpus has to be there: `cargo xtask corpus --filter coremark` downloads it. So do LLVM (tiers/llvm/install.sh) and, for
# the part llvm, Debian's clang-19.
# WASMI, a command of wasmi (cargo install wasmi_cli), is needed for start: WASMI=PATH.
set -eu

name=${1:?usage: record.sh NAME [PART...]}
shift
parts=${*:-steps engines polybench libsodium compile linear start native native-polybench native-libsodium native-compile llvm llvm-polybench llvm-libsodium llvm-levels llvm-compile llvm-lazy ahead short first modes}
cd "$(dirname "$0")"
target=${CARGO_TARGET_DIR:-target}
record=../record
modules=../../target/corpus/modules
rounds=${ROUNDS:-5}

cargo build --quiet --release
# COMMAND: makes a copy of it, and says where: what a linker has written page by page is slower to map than what was
# copied as a whole, which installed commands are.
installed() {
    mkdir -p "$target/installed"
    cp "$(command -v "$1")" "$target/installed/"
    echo "$target/installed/$(basename "$1")"
}

# ARGUMENT...: the command as it is installed, for what is measured of whole processes; arguments are for cargo.
riser() {
    (cd ../.. && cargo build --quiet --profile dist "$@")
    installed "${RISER:-../../target/dist/riser}"
}

# PART ARGUMENT...: has riser-compare measure, or show again what it has measured.
compare() {
    file=$record/$name-$1.tsv
    shift
    if [ -n "${FROM:-}" ]; then
        "$target/release/riser-compare" "$@" --from "$file"
    else
        "$target/release/riser-compare" "$@" --record "$file"
    fi
}

# MARKER: prints what comes in, and puts it into the page between the lines <!-- MARKER --> and <!-- end -->.
publish() {
    tee "$page.table"
    awk -v marker="<!-- $1 -->" -v table="$page.table" -v note="*Record: $name.*" '
        $0 == "<!-- end -->" { skip = 0 }
        !skip { print }
        $0 == marker {
            skip = 1
            print ""
            while ((getline line < table) > 0) if (line != "" || !blank) { print line; blank = line == "" }
            print (blank ? "" : "\n") note
        }' "$page" >"$page.new"
    mv "$page.new" "$page"
    rm "$page.table"
}

# Modes that compile, and what they are compared with.
set -- --engine fast-jit --engine "fast-jit none single-pass" --engine multi-tier --engine interp --engine wasmtime --engine winch

for part in $parts; do
    case $part in
    native*) page=../../docs/src/fast-jit.md ;;
    llvm*) page=../../docs/src/llvm.md ;;
    short | first) page=../../docs/src/multi-tier.md ;;
    ahead) page=../../docs/src/aot.md ;;
    modes) page=../../README.md ;;
    *) page=../../docs/src/how-fast.md ;;
    esac
    echo "## $name-$part"
    echo
    case $part in
    steps)
        [ -n "${FROM:-}" ] || compare steps steps --rounds "$rounds" >/dev/null
        for table in ideas switches strategies; do
            FROM=1 compare steps steps --table $table | publish "steps $table"
        done ;;
    engines) compare engines run --rounds "$rounds" --filter programs/ --filter coremark/coremark-1000 | publish engines ;;
    polybench)
        compare polybench run --rounds 3 --summary --filter polybench/ --engine interp --engine wasmi --engine stitch |
            publish polybench ;;
    # Its programs take seconds each: a round of them is a quarter of an hour.
    libsodium) compare libsodium run --rounds 1 --summary --filter libsodium/ --engine interp --engine wasmi | publish libsodium ;;
    compile)
        ./modules.sh
        compare compile compile --rounds "$rounds" --memory "$modules"/*.wasm | publish compile ;;
    linear)
        compare linear compile --rounds 3 --synthetic 0.1 --synthetic 0.3 --synthetic 1 --synthetic 3 \
            --synthetic 10 --synthetic 30 --synthetic 70 | publish linear ;;
    start)
        riser=$(riser)
        wasmi=$(installed "${WASMI:-wasmi}")
        hello=../../target/corpus/wasure-0.9/wasure/benchmarks/helloworld/helloworld.wasm
        compare start start --rounds 300 "$riser run $hello" "$wasmi $hello" | publish start ;;
    native) compare native run --rounds "$rounds" --filter programs/ --filter coremark/coremark-5000 "$@" | publish native ;;
    native-polybench) compare native-polybench run --rounds 3 --summary --filter polybench/ "$@" | publish native-polybench ;;
    native-libsodium)
        compare native-libsodium run --rounds 1 --summary --filter libsodium/ --engine fast-jit \
            --engine "fast-jit none single-pass" --engine multi-tier --engine wasmtime --engine winch | publish native-libsodium ;;
    native-compile)
        ./modules.sh
        compare native-compile compile --rounds 2 --engine fast-jit --engine wasmtime --engine "fast-jit none single-pass" \
            --engine "wasmtime none single-pass" --engine winch "$modules/sqlite3.wasm" "$modules/yosys.wasm" |
            publish native-compile ;;
    llvm)
        compare llvm run --rounds "$rounds" --filter programs/ --filter coremark/coremark-5000 --engine wasmtime \
            --engine llvm-jit --engine aot --engine fast-jit --engine native | publish llvm ;;
    llvm-polybench)
        compare llvm-polybench run --rounds 3 --summary --filter polybench/ --engine wasmtime --engine llvm-jit \
            --engine aot --engine fast-jit | publish llvm-polybench ;;
    llvm-libsodium)
        compare llvm-libsodium run --rounds 1 --summary --filter libsodium/ --engine wasmtime --engine llvm-jit \
            --engine aot --engine fast-jit | publish llvm-libsodium ;;
    llvm-levels)
        compare llvm-levels run --rounds "$rounds" --summary --filter programs/ --filter coremark/coremark-5000 --engine "llvm-jit 3" \
            --engine "llvm-jit 0" --engine "llvm-jit 1" --engine "llvm-jit 2" --engine fast-jit | publish llvm-levels ;;
    llvm-compile)
        compare llvm-compile compile --rounds "$rounds" --engine "llvm-jit 3" --engine "llvm-jit 0" --engine "llvm-jit 1" \
            --engine "llvm-jit 2" --engine fast-jit ../programs/bigint.wasm ../programs/json.wasm ../programs/regex.wasm \
            ../programs/sort.wasm | publish llvm-compile ;;
    llvm-lazy)
        riser=$(riser --features llvm)
        ./modules.sh
        run="$riser run --mode llvm-jit --compile"
        compare llvm-lazy start --rounds 1 "$run eager $modules/yosys.wasm --version" \
            "$run lazy $modules/yosys.wasm --version" \
            "$run speculative --jobs 2 $modules/yosys.wasm --version" | publish llvm-lazy ;;
    ahead)
        ./modules.sh
        riser=$(riser --features llvm)
        mkdir -p "$target/ahead"
        "$riser" compile --tier fast "$modules/yosys.wasm" -o "$target/ahead/yosys.aot"
        run="$riser run --mode fast-jit"
        $run --cache="$target/ahead" "$modules/yosys.wasm" --version >/dev/null
        compare ahead start --rounds "$rounds" "$run --compile eager $modules/yosys.wasm --version" \
            "$run --compile lazy $modules/yosys.wasm --version" "$riser run $target/ahead/yosys.aot --version" \
            "$run --cache=$target/ahead $modules/yosys.wasm --version" | publish ahead ;;
    modes)
        riser=$(riser --features llvm)
        hello=../../target/corpus/wasure-0.9/wasure/benchmarks/helloworld/helloworld.wasm
        compare modes modes --rounds "$rounds" --riser "$riser" --hello "$hello" | publish modes ;;
    short)
        riser=$(riser)
        program=../../benches/programs/coremix.wasm
        compare short start --rounds 200 "$riser run --mode interp $program 50" "$riser run --mode multi-tier $program 50" |
            publish short ;;
    # What the Fast JIT takes a tenth of a second for, with LLVM as a step above it.
    first)
        riser=$(riser --features llvm)
        program=../../benches/programs/coremix.wasm
        compare first start --rounds 50 "$riser run --mode fast-jit $program 6000" "$riser run --mode multi-tier $program 6000" |
            publish first ;;
    *)
        echo "record.sh: no part $part" >&2
        exit 2 ;;
    esac
done
