# For .ci/run and what is in tests/ to source: steps that are timed, and the commands of README.md.

# begin FILE [STEP...]: notes the steps' times in FILE, one line a step: name, a tab, seconds. Where steps are named, the times of others stay.
begin() {
    times_file=$1
    shift
    mkdir -p "$(dirname "$times_file")"
    touch "$times_file"
    if [ $# -eq 0 ]; then
        : >"$times_file"
    fi
}

# step NAME COMMAND...: runs a command, and says how long it took.
step() {
    local name=$1 started=$SECONDS
    shift
    echo "== $name: $*"
    "$@"
    local took=$((SECONDS - started))
    { grep -v "^$name	" "$times_file" || true; } >"$times_file.new"
    printf '%s\t%s\n' "$name" "$took" >>"$times_file.new"
    mv "$times_file.new" "$times_file"
    echo "== $name took $took s"
}

# finish: the table of the steps.
finish() {
    awk -F'\t' '{ printf "== %-24s %5d s\n", $1, $2; all += $2 } END { printf "== %-24s %5d s\n", "all", all }' "$times_file"
}

# readme COMMAND: the first command of README.md that begins so, so that it is one that works.
readme() {
    local command
    command=$(sed -n "s|^    \($1 .*\)\$|\1|p" README.md | head -n 1)
    [ -n "$command" ] || { echo "README.md has no command '$1 ...'" >&2; exit 1; }
    echo "$command"
}
