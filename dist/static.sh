#!/usr/bin/env bash
# Makes an archive with a statically linked `riser` for x86-64 Linux, its manual pages and completions: target/dist/riser-VERSION-x86_64-linux.tar.gz.
#
# The command has every mode but LLVM's: LLVM is a shared library, which a static program cannot load. It links glibc, or musl where that target
# is installed (`rustup target add x86_64-unknown-linux-musl`) and TARGET names it.
set -euo pipefail
cd "$(dirname "$0")/.."
target=${TARGET:-x86_64-unknown-linux-gnu}
profile=${PROFILE:-dist}

# With --target, flags do not apply to build scripts and procedural macros, which cannot be static.
RUSTFLAGS='-C target-feature=+crt-static' cargo build --profile "$profile" --target "$target" --bin riser
built=target/$target/$profile/riser
if ldd "$built" 2>/dev/null | grep -q '=>'; then
    echo "$built needs shared libraries:" >&2
    ldd "$built" >&2
    exit 1
fi

# It does what it should, in every mode, without anything of the system's.
program=benches/programs/coremix.wasm
for mode in $("$built" modes --names); do
    output=$("$built" run --mode "$mode" "$program")
    [ "$output" = "$(cat benches/programs/expected/coremix.txt)" ] || { echo "$mode: not what was expected" >&2; exit 1; }
done

version=$("$built" --version | cut -d' ' -f2)
name=riser-$version-x86_64-linux
folder=target/dist/$name
rm -rf "$folder"
mkdir -p "$folder/completions"
cp "$built" README.md CHANGELOG.md LICENSE-* "$folder"
strip "$folder/riser" 2>/dev/null || true
"$folder/riser" man "$folder/man/man1"
for shell in bash elvish fish powershell zsh; do
    "$folder/riser" completions "$shell" >"$folder/completions/riser.$shell"
done
tar -C target/dist -czf "target/dist/$name.tar.gz" "$name"
echo "target/dist/$name.tar.gz"
