#!/usr/bin/env bash
# The pages of `riser explore` and `riser report`, and the flame graph of `riser profile`, in a browser without a window: what the script of a page
# makes of it, for each of its controls, by the state in its address and by clicks.
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
"$riser" profile --heat "$folder/heat.json" --invoke sum "$module" 400 0 >/dev/null
"$riser" explore "$module" --func sum --func other --heat "$folder/heat.json" -o "$folder/page.html"

# document FILE#STATE: a page's document, when its script has run.
document() {
    chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
        --disable-component-update --disable-sync --allow-file-access-from-files --user-data-dir="$folder/profile" \
        --virtual-time-budget=2000 --dump-dom "file://$folder/$1" 2>/dev/null
}

# The page in the state behind `#`; after a script that somebody's clicks stand for, if there is one.
page() {
    if [ -z "${2:-}" ]; then
        document "page.html#$1"
    else
        sed "s|</html>||" "$folder/page.html" >"$folder/clicked.html"
        printf '<script>{ const $ = it => document.querySelector(it); %s }</script>\n</html>\n' "$2" >>"$folder/clicked.html"
        document "clicked.html#$1"
    fi
}

# expect STATE PATTERN COUNT -eq|-ge|-le [SCRIPT]: how many elements a state has.
expect() {
    local found
    found=$(page "$1" "${5:-}" | sed '/<script/,/<\/script>/d' | { grep -oE "$2" || true; } | wc -l)
    if [ "$found" "$4" "$3" ]; then
        echo "ok: #$1 ${5:-} has $found of $2"
    else
        echo "#$1 ${5:-} has $found of $2, not $4 $3" >&2
        exit 1
    fi
}

# The first function, all panes; the second one, when it is chosen.
expect "" 'id="pane-(wasm|ir|code|clif|clif-optimized|fast)"' 6 -eq
expect "" 'i32\.load</code>' 1 -ge
expect "func=1" 'i32\.load</code>' 0 -eq
expect "" 'i32\.load</code>' 0 -eq 'const it = $("#function"); it.value = "1"; it.onchange();'
# An offset is marked in each pane: it is that of the load.
load=$("$riser" dump-ir "$module" --func sum | sed -n 's/^ *\(0x[0-9a-f]*\).*i32\.load.*/\1/p' | head -n 1)
expect "at=$((load))" '<li[^>]*class="[^"]*kept' 4 -ge
expect "at=$((load))" '<li[^>]*class="[^"]*kept' 40 -le
expect "" '<li[^>]*class="[^"]*kept' 4 -ge "\$('li[data-at=\"$((load))\"]').click();"
# Pointing at a line marks it until the pointer leaves.
expect "" '<li[^>]*class="[^"]*on' 4 -ge "\$('li[data-at=\"$((load))\"]').onmouseenter();"
expect "" '<li[^>]*class="[^"]*on' 0 -eq "\$('li[data-at=\"$((load))\"]').onmouseenter(); \$('ol').onmouseleave();"
# Panes can be hidden, and switches flipped.
expect "hide=clif,fast" 'id="pane-(clif|fast)"' 0 -eq
expect "" 'id="pane-wasm"' 0 -eq '$("#shown input").click();'
expect "hide=wasm" 'id="pane-wasm"' 1 -eq '$("#shown input").click();'
expect "variant=naive" 'value="naive"' 1 -eq
ir() {
    page "$@" | grep -oE 'id="pane-ir".*id="pane-code"'
}
for naive in "$(ir variant=naive)" "$(ir "" '{ const it = $("#variant"); it.value = "naive"; it.onchange(); }')"; do
    if [ "$(ir "")" = "$naive" ]; then
        echo "the switches make no difference" >&2
        exit 1
    fi
done
# Panes follow, unless told not to: those of other forms are scrolled to what the last line of the IR comes from, and has become.
scrolled='document.title = [...document.querySelectorAll("ol")].filter(it => it.scrollTop > 0).length;'
last="\$('#pane-ir li:last-child').onmouseenter();"
expect "" '<title>0</title>' 0 -eq "document.querySelectorAll('ol').forEach(it => { it.style.maxHeight = '3em'; }); $last $scrolled"
expect "" '<title>0</title>' 1 -eq \
    "document.querySelectorAll('ol').forEach(it => { it.style.maxHeight = '3em'; }); \$('#follow').click(); $last $scrolled"
# A handler is shown, and can be closed.
expect "" '<aside id="handler">' 1 -eq '$("#pane-code li[data-handler]").click();'
expect "" '<aside id="handler" hidden' 1 -eq '$("#pane-code li[data-handler]").click(); $("aside button").click();'
# Heat: a number and a bar in each pane, for whoever wants it; the hottest line.
expect "" '<span class="heat" title="executed 100 times"><b>100</b><span class="track"><i style="width: 100' 10 -ge
expect "heat=off" '<span class="heat"' 0 -eq
expect "" '<span class="heat"' 0 -eq '$("#heat").click();'
expect "heat=off" '<span class="heat"' 10 -ge '$("#heat").click();'
expect "at=hottest" '<li[^>]*class="[^"]*kept' 4 -ge
expect "" '<li[^>]*class="[^"]*kept' 4 -ge '$("#hottest").click();'
expect "" 'class="of-heat"' 2 -eq
# Live ranges: a column for each slot, with its name above; those of one slot, in words, too.
expect "" 'class="lanes"' 0 -eq
expect "live=on" '<span class="lanes">ll</span>' 1 -eq
expect "live=on" '<span class="lanes">[│╷╵╶ ]+</span>' 5 -ge
expect "" 'class="lanes"' 5 -ge '$("#live").click();'
expect "live=on" 'class="lanes"' 0 -eq '$("#live").click();'
expect "slot=l0" '<output>l0 is live from the entry to 0x[0-9a-f]+</output>' 1 -eq
expect "slot=l0" '<li[^>]*class="[^"]*live' 3 -ge
expect "" '<li[^>]*class="[^"]*live' 3 -ge '$("#pane-ir .slot").click();'
expect "slot=l0" '<li[^>]*class="[^"]*live' 0 -eq '$("#slot button").click();'
expect "slot=t9" 't9 is not in this code' 1 -eq
expect "" 'class="slot on"' 2 -ge '$("#pane-ir .slot").onmouseenter();'
# Without heat there are no controls for it.
"$riser" explore "$module" -o "$folder/page.html"
expect "" 'class="of-heat" (id="hottest" )?hidden' 2 -eq

# A report has no script. Its plots are as wide as its page, on a phone, too.
"$riser" bench --modes interp,classic --copies 2 --rounds 1 --time 1ms --json "$folder/sum.json" --invoke sum "$module" 400 0 >/dev/null
"$riser" report "$folder/sum.json" -o "$folder/report.html"
plots=$(document report.html | grep -c '<svg')
[ "$plots" -ge 5 ] || { echo "the report has $plots plots" >&2; exit 1; }
cat >"$folder/phone.html" <<'HTML'
<!doctype html>
<iframe src="report.html" width="360" height="640"></iframe>
<script>
  onload = () => {
    const page = document.querySelector("iframe").contentDocument.documentElement;
    document.title = page.scrollWidth <= 360 ? "fits" : "is too wide: " + page.scrollWidth;
  };
</script>
HTML
fits=$(document phone.html | grep -o '<title>.*</title>')
[ "$fits" = "<title>fits</title>" ] || { echo "the report on a phone $fits" >&2; exit 1; }
echo "ok: the report has $plots plots, and fits a phone"

# A flame graph: a frame that is clicked is as wide as the image, and what is not in it is hidden. A search says how much it has found.
cat >"$folder/flames.wat" <<'WAT'
(module
  (func $inner (param $n i32) (loop $again (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
  (func $left (call $inner (i32.const 3000000)))
  (func $right (call $inner (i32.const 3000000)))
  (func (export "main") (call $left) (call $right)))
WAT
"$riser" profile --sample=1000 --mode interp --svg "$folder/flames.svg" --invoke main "$folder/flames.wat"
# clicks SCRIPT: the image after it.
clicks() {
    sed "s|//]]></script>|const frame = name => frames.find(it => it.name === name); const width_of = name => Math.round(frame(name).rect.getAttribute('width')); $1\n&|" \
        "$folder/flames.svg" >"$folder/clicked.svg"
    document clicked.svg
}
# shows SCRIPT PATTERN
shows() {
    clicks "$1" | grep -qE "$2" || { echo "the flame graph does not show $2 after $1" >&2; exit 1; }
    echo "ok: the flame graph shows $2"
}
click() {
    echo "frame('$1').element.dispatchEvent(new MouseEvent('click'));"
}
state="document.querySelector('title').textContent = ['left', 'right'].map(it => frame(it).element.style.display + width_of(it)).join(' ');"
shows "$state" '<title>[1-9][0-9]* [1-9][0-9]*</title>'
shows "$(click left) $state" '<title>1180 none[0-9]+</title>'
shows "$(click left) $(click left) $state" '<title>[1-9][0-9]* [1-9][0-9]*</title>'
shows "find('inner');" '<tspan id="hints">, [1-9][0-9.]+ % with “inner”'
