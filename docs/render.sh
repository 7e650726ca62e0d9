#!/usr/bin/env bash
# Renders the book to target/book, with mdbook. Where mdbook is not there, says how to get it, and ends well: a test of the house checks links
# and the table of contents without it.
set -euo pipefail
cd "$(dirname "$0")"
if ! command -v mdbook >/dev/null; then
    echo "the book is not rendered: there is no mdbook (cargo install mdbook --locked)"
    exit
fi
mdbook build
[ -s ../target/book/command.html ] || { echo "mdbook made no page of the command" >&2; exit 1; }
