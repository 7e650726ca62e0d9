# Steps that are timed, for .ci/run and tests/full.sh to source.

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
