#!/bin/sh
# Makes records, as ../record/SET/PART.tsv, and puts them into the README and the book. On a machine that should do nothing
# else, and of a commit: it refuses a tree with changes to anything but records.
#
# usage: record.sh [--estimate] PART...
#
# parts, with about how many minutes each takes on two cores of 2026, after building:
#   steps 25, engines 4, commands 3, vectors 3, polybench 8, libsodium 14, compile 1         docs/src/how-fast.md
#   linear 2, memory 4, start 1                                                              docs/src/how-fast.md
#   native 4, native-polybench 6, native-libsodium 7, native-compile 7                       docs/src/fast-jit.md
#   llvm 5, llvm-polybench 8, llvm-libsodium 4, llvm-levels 8, llvm-compile 2, llvm-lazy 2   docs/src/llvm.md
#   ahead 3                                                                                  docs/src/aot.md
#   short 1, first 1                                                                         docs/src/multi-tier.md
#   ablate 25                                                                                docs/src/laboratory.md
#   threads 3                                                                                docs/src/modes.md
#   modes 21                                                                                 README.md
# groups: programs, which is engines, native and llvm; quick, which is what takes less than ten minutes; all.
# --estimate says how long the parts take together, and makes nothing.
#
# SET is the day and the commit, or as the environment says. COPIES (3) and ROUNDS (3) are how many samples a row has: copies of the
# executable, and rounds from each; fewer than five are refused. Parts whose rounds take minutes have two.
#
# The corpus has to be there: `cargo xtask corpus --filter coremark` downloads it. So do LLVM (tiers/llvm/install.sh) and, for
# the part llvm, Debian's clang-19. WASMI, a command of wasmi (cargo install wasmi_cli), is needed for start: WASMI=PATH; `wasm3` and WAMR's
# `iwasm`, with its fast interpreter, for commands.
set -eu

cd "$(dirname "$0")"
# What the head of this file says.
listed=$(sed -n '/^# parts,/,/^# groups:/p' record.sh | grep '^#   ' | sed 's/ docs.*//; s/ README.*//; s/[#,]//g')
parts_up_to() { # MINUTES
    echo "$listed" | xargs -n 2 | awk -v most="$1" '$2 < most { print $1 }'
}
minutes() { # PART
    echo "$listed" | xargs -n 2 | awk -v part="$1" '$1 == part { print $2 }'
}

only_estimate=
if [ "${1:-}" = --estimate ]; then
    only_estimate=1
    shift
fi
[ $# -gt 0 ] || { sed -n '/^# usage/,/^# --estimate/s/^# \{0,1\}//p' record.sh >&2; exit 2; }
parts=
for part in "$@"; do
    case $part in
    programs) parts="$parts engines native llvm" ;;
    quick) parts="$parts $(parts_up_to 10)" ;;
    all) parts="$parts $(parts_up_to 1000)" ;;
    *) parts="$parts $part" ;;
    esac
done
total=0
for part in $parts; do
    [ -n "$(minutes "$part")" ] || { echo "record.sh: no part $part" >&2; exit 2; }
    total=$((total + $(minutes "$part")))
done
echo "about $total minutes, after building"
[ -z "$only_estimate" ] || exit 0

record=../record/${SET:-$(date -u +%F)-$(git rev-parse --short HEAD)}
target=${CARGO_TARGET_DIR:-target}
modules=../../target/corpus/modules
copies=${COPIES:-3}
rounds=${ROUNDS:-3}
few=${ROUNDS:-2}

mkdir -p "$record"
cargo build --quiet --release --features sf-nano

# ARGUMENT...: builds the command as it is installed, and says where it is; arguments are for cargo.
riser() {
    (cd ../.. && cargo build --quiet --profile dist "$@")
    echo "${RISER:-../../target/dist/riser}"
}

# ROUNDS ARGUMENT...: measures the part.
compare() {
    each=$1
    shift
    "$target/release/riser-compare" "$@" --copies "$copies" --rounds "$each" --record "$record/$part.tsv"
}

# The tests of libsodium that take most of the time of all: one in ten of them, and more than four fifths.
long_tests=
for test in core3 ed25519_convert metamorphic sodium_utils stream stream2 verify1; do
    long_tests="$long_tests --skip libsodium/$test"
done

# Modes that compile, and what they are compared with.
set -- --engine fast-jit --engine "fast-jit none single-pass" --engine multi-tier --engine interp --engine wasmtime --engine winch

for part in $parts; do
    echo "## $part"
    echo
    case $part in
    steps) compare "$rounds" steps ;;
    engines)
        compare "$rounds" run --filter programs/ --filter coremark/coremark-1000 --engine interp --engine classic \
            --engine wasmi --engine sf-nano ;;
    commands)
        compare "$rounds" commands --filter programs/ "interp=$(riser --features llvm) run --mode interp" "wasm3=wasm3 --stack-size 8000000" \
            "WAMR=iwasm --stack-size=8000000" ;;
    vectors)
        compare "$rounds" run --filter vectors/ --engine interp --engine classic --engine wasmi --engine fast-jit \
            --engine multi-tier --engine llvm-jit --engine aot --engine wasmtime --engine winch ;;
    polybench) compare "$rounds" run --summary --filter polybench/ --engine interp --engine wasmi --engine stitch ;;
    libsodium) compare "$few" run --summary --filter libsodium/ $long_tests --engine interp --engine wasmi ;;
    compile)
        ./modules.sh
        compare "$rounds" compile "$modules"/*.wasm ;;
    memory)
        ./modules.sh
        compare "$few" compile --memory "$modules"/*.wasm ;;
    linear)
        compare "$rounds" compile --synthetic 0.1 --synthetic 0.3 --synthetic 1 --synthetic 3 --synthetic 10 --synthetic 30 \
            --synthetic 70 ;;
    start)
        riser=$(riser)
        hello=../../target/corpus/wasure-0.9/wasure/benchmarks/helloworld/helloworld.wasm
        compare 100 start "$riser run $hello" "$(command -v "${WASMI:-wasmi}") $hello" ;;
    native) compare "$rounds" run --filter programs/ --filter coremark/coremark-5000 "$@" ;;
    native-polybench) compare "$rounds" run --summary --filter polybench/ "$@" ;;
    native-libsodium)
        compare "$few" run --summary --filter libsodium/ $long_tests --engine fast-jit --engine "fast-jit none single-pass" \
            --engine multi-tier --engine wasmtime --engine winch ;;
    native-compile)
        ./modules.sh
        compare "$few" compile --engine fast-jit --engine wasmtime --engine "fast-jit none single-pass" \
            --engine "wasmtime none single-pass" --engine winch "$modules/sqlite3.wasm" "$modules/yosys.wasm" ;;
    llvm)
        compare "$rounds" run --filter programs/ --filter coremark/coremark-5000 --engine wasmtime --engine llvm-jit --engine aot \
            --engine fast-jit --engine native ;;
    llvm-polybench)
        compare "$rounds" run --summary --filter polybench/ --engine wasmtime --engine llvm-jit --engine aot --engine fast-jit ;;
    llvm-libsodium)
        compare "$few" run --summary --filter libsodium/ $long_tests --engine wasmtime --engine llvm-jit --engine aot --engine fast-jit ;;
    llvm-levels)
        compare "$rounds" run --summary --filter programs/ --filter coremark/coremark-5000 --engine "llvm-jit 3" \
            --engine "llvm-jit 0" --engine "llvm-jit 1" --engine "llvm-jit 2" --engine fast-jit ;;
    llvm-compile)
        compare "$rounds" compile --engine "llvm-jit 3" --engine "llvm-jit 0" --engine "llvm-jit 1" --engine "llvm-jit 2" \
            --engine fast-jit ../programs/bigint.wasm ../programs/json.wasm ../programs/regex.wasm ../programs/sort.wasm ;;
    llvm-lazy)
        riser=$(riser --features llvm)
        ./modules.sh
        run="$riser run --mode llvm-jit --compile"
        compare "$few" start "$run lazy $modules/yosys.wasm --version" "$run speculative --jobs 2 $modules/yosys.wasm --version" ;;
    ahead)
        ./modules.sh
        riser=$(riser --features llvm)
        mkdir -p "$target/ahead"
        "$riser" compile --tier fast "$modules/yosys.wasm" -o "$target/ahead/yosys.aot"
        run="$riser run --mode fast-jit"
        $run --cache="$target/ahead" "$modules/yosys.wasm" --version >/dev/null
        compare "$few" start "$run --compile eager --jobs 1 $modules/yosys.wasm --version" \
            "$run --compile lazy $modules/yosys.wasm --version" "$riser run --allow-precompiled $target/ahead/yosys.aot --version" \
            "$run --cache=$target/ahead $modules/yosys.wasm --version" ;;
    modes)
        hello=../../target/corpus/wasure-0.9/wasure/benchmarks/helloworld/helloworld.wasm
        compare "$rounds" modes --riser "$(riser --features llvm)" --hello "$hello" ;;
    threads) compare "$rounds" threads --riser "$(riser --features llvm)" ;;
    short)
        riser=$(riser)
        program=../programs/coremix.wasm
        compare 70 start "$riser run --mode interp $program 50" "$riser run --mode multi-tier $program 50" ;;
    # What each optimisation of the interpreter is worth, by the laboratory's own command.
    ablate)
        riser=$(riser --features llvm)
        json=$target/ablate
        mkdir -p "$json"
        made=
        for program in ../../target/corpus/*/wasure/benchmarks/coremark/coremark-1000.wasm \
            ../programs/bytecode.wasm ../programs/json.wasm ../programs/mandelbrot.wasm ../programs/regex.wasm ../programs/sort.wasm; do
            file=$json/$(basename "$program" .wasm).json
            # CoreMark takes ten seconds unless told how many iterations to make. It prints times.
            case $program in
            */coremark-1000.wasm) arguments="0 0 0x66 1000 7 1 2000" ;;
            *) arguments= ;;
            esac
            "$riser" ablate --any-output --copies "$copies" --rounds "$rounds" --time 1ms --json "$file" "$program" $arguments >/dev/null
            made="$made $(realpath "$file")"
        done
        (cd ../.. && cargo xtask ablation -o "benches/record/$(basename "$record")/ablate.tsv" $made) ;;
    # What the Fast JIT takes a tenth of a second for, with LLVM as a step above it.
    first)
        riser=$(riser --features llvm)
        program=../programs/coremix.wasm
        compare 20 start "$riser run --mode fast-jit $program 6000" "$riser run --mode multi-tier $program 6000" ;;
    esac
done
"$target/release/riser-compare" figures
