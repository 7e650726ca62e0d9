#!/usr/bin/env bash
# The page of `riser explore`, in a browser without a window: what its script makes of a page, for each of its controls.
#
#   tests/pages.sh RISER
set -euo pipefail
cd "$(dirname "$0")/.."
riser=$(realpath "$1")
if ! command -v chromium >/dev/null; then
    echo "a page is tried in Chromium: apt-get install chromium"
    exit
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

module=tests/command/explore.wat
"$riser" explore "$module" -o "$folder/page.html"

# The page's document, in the state behind `#`.
page() {
    chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
        --disable-component-update --disable-sync --user-data-dir="$folder/profile" --dump-dom "file://$folder/page.html#$1" 2>/dev/null
}

# expect STATE PATTERN COUNT: how many elements a state has.
expect() {
    local found
    found=$(page "$1" | { grep -oE "$2" || true; } | wc -l)
    if [ "$found" "$4" "$3" ]; then
        echo "ok: #$1 has $found of $2"
    else
        echo "#$1 has $found of $2, not $4 $3" >&2
        exit 1
    fi
}

# The first function, all panes; the second one, when it is chosen.
expect "" 'id="pane-(wasm|ir|code|clif|clif-optimized|fast)"' 6 -eq
expect "" 'i32\.load</code>' 1 -ge
expect "func=1" 'i32\.load</code>' 0 -eq
# An offset is marked in each pane: it is that of the load.
load=$("$riser" dump-ir "$module" --func sum | sed -n 's/^ *\(0x[0-9a-f]*\).*i32\.load.*/\1/p' | head -n 1)
expect "at=$((load))" '<li[^>]*class="[^"]*kept' 4 -ge
expect "at=$((load))" '<li[^>]*class="[^"]*kept' 40 -le
# Panes can be hidden, and switches flipped.
expect "hide=clif,fast" 'id="pane-(clif|fast)"' 0 -eq
expect "variant=naive" 'value="naive"' 1 -eq
if [ "$(page "" | grep -oE 'id="pane-ir".*id="pane-code"')" = "$(page variant=naive | grep -oE 'id="pane-ir".*id="pane-code"')" ]; then
    echo "the switches make no difference" >&2
    exit 1
fi
