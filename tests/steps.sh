# For .ci/run and what is in tests/ to source: steps that are timed, and the commands of README.md.

# begin FILE: notes the steps' times in FILE, one line a step: name, a tab, seconds.
begin() {
    times_file=$1
    mkdir -p "$(dirname "$times_file")"
    : >"$times_file"
    SECONDS=0
}

# step NAME COMMAND...: runs a command, and says how long it took.
step() {
    local name=$1 started=$SECONDS
    shift
    echo "== $name: $*"
    "$@"
    printf '%s\t%s\n' "$name" "$((SECONDS - started))" >>"$times_file"
    echo "== $name took $((SECONDS - started)) s"
}

# finish: the table of the steps.
finish() {
    printf 'all\t%s\n' "$SECONDS" >>"$times_file"
    awk -F'\t' '{ printf "== %-24s %5d s\n", $1, $2 }' "$times_file"
}

# readme COMMAND: the first command of README.md that begins so, so that it is one that works.
readme() {
    local command
    command=$(sed -n "s|^    \($1 .*\)\$|\1|p" README.md | head -n 1)
    [ -n "$command" ] || { echo "README.md has no command '$1 ...'" >&2; exit 1; }
    echo "$command"
}
