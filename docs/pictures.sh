#!/usr/bin/env bash
# Makes the pictures of the README and the book, in docs/src/pictures, by the commands that they show.
#
#   docs/pictures.sh              from the records in docs/pictures
#   docs/pictures.sh --measure    measures first, for less than ten minutes: on a machine that should do nothing else
#
# RISER is the command; target/release/riser unless given. FLAGS say how long is measured, in place of `--copies 3 --time 90s`. Without
# --measure a build of any commit will do: the plots are those of the records, and only the page of `riser explore` shows what the build
# makes. Takes Chromium and pngquant (Debian's packages have these names).
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
riser=$(realpath "${RISER:-target/release/riser}")
records=$root/docs/pictures
pictures=$root/docs/src/pictures
for tool in chromium pngquant; do
    command -v "$tool" >/dev/null || { echo "pictures.sh: there is no $tool (apt-get install chromium pngquant)" >&2; exit 1; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir -p "$records" "$pictures" "$folder/bin"
# The commands are recorded as a reader types them.
ln -s "$riser" "$folder/bin/riser"
export PATH=$folder/bin:$PATH
cp benches/programs/sieve.wasm "$folder"
cd "$folder"

if [ "${1:-}" = --measure ]; then
    read -ra flags <<<"${FLAGS:---copies 3 --time 90s}"
    riser bench "${flags[@]}" --json bench.json sieve.wasm
    riser bench "${flags[@]}" --series ladder --json ladder.json sieve.wasm
    riser bench "${flags[@]}" --series tiers --json tiers.json sieve.wasm
    riser ablate "${flags[@]}" --json ablate.json sieve.wasm
    cp bench.json ladder.json tiers.json ablate.json "$records"
elif [ $# -gt 0 ]; then
    awk 'NR > 1 { if (!/^#/) exit; sub(/^# ?/, ""); print }' "$root/docs/pictures.sh" >&2
    exit 2
fi
[ -f "$records/ablate.json" ] || { echo "pictures.sh: there are no records in docs/pictures: --measure makes them" >&2; exit 1; }

# picture NAME WIDTH HEIGHT ADDRESS: a page, as a PNG.
picture() {
    chromium --headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update \
        --disable-sync --hide-scrollbars --allow-file-access-from-files --user-data-dir=profile --virtual-time-budget=3000 \
        --window-size="$2,$3" --screenshot=whole.png "file://$folder/$4" >chromium.log 2>&1 || { cat chromium.log >&2; exit 1; }
    pngquant --force --quality=50-95 --speed 1 --strip --output "$pictures/$1.png" whole.png
    echo "$1.png: $(stat -c %s "$pictures/$1.png") bytes"
}

# Plots.
riser report --svg speed "$records/bench.json" -o "$pictures/modes.svg"
riser report --svg speed "$records/ladder.json" -o "$pictures/ladder.svg"
riser report --svg making "$records/tiers.json" -o "$pictures/tiers.svg"
riser report --svg speed "$records/ablate.json" -o "$pictures/ablate.svg"

# The report.
cp "$records/bench.json" sieve.json
riser report sieve.json -o report.html
picture report 1000 1120 report.html
picture report-phone 390 844 report.html

# The hottest loop.
riser profile --heat heat.json sieve.wasm >/dev/null
riser explore --heat heat.json sieve.wasm
picture explore 1360 720 'sieve.html#at=hottest&live=on&hide=clif,clif-optimized,llvm-ir,llvm-ir-optimized,llvm'
picture explore-phone 390 844 'sieve.html#at=hottest&live=on&hide=source,wasm'
