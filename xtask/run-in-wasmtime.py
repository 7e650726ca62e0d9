#!/usr/bin/env python3
"""Runs a WASI preview 1 program in Wasmtime behind the command line of riser, as run-in-node.mjs does in Node.js.

    run-in-wasmtime.py modes --names
    run-in-wasmtime.py run [--mode wasmtime] [--argv0 NAME] [--env K=V] [--dir HOST[::GUEST]] [--preload NAME=FILE] FILE ARGS...

For programs with features that Node.js 20 does not have, such as the exceptions of WebAssembly 3.0. It needs
`pip install wasmtime==50.0.1`.
"""

import os
import sys

import wasmtime

command, *words = sys.argv[1:]
if command == "modes":
    print("wasmtime")
    sys.exit()
if command != "run":
    sys.exit("modes or run?")

wasi = wasmtime.WasiConfig()
wasi.inherit_stdin()
wasi.inherit_stdout()
wasi.inherit_stderr()
env, preloads, argv0 = [], [], None
while words and words[0].startswith("--"):
    option, value, *words = words
    if option == "--argv0":
        argv0 = value
    elif option == "--env":
        env.append(value.split("=", 1))
    elif option == "--dir":
        host, _, guest = value.partition("::")
        wasi.preopen_dir(host, guest or host)
    elif option == "--preload":
        preloads.append(value.split("=", 1))
    elif option != "--mode":
        sys.exit(f"unknown option {option}")
if not words:
    sys.exit("which file?")
file, *rest = words
wasi.env = env
wasi.argv = [os.path.basename(file) if argv0 is None else argv0, *rest]

config = wasmtime.Config()
config.wasm_exceptions = True
engine = wasmtime.Engine(config)
store = wasmtime.Store(engine)
store.set_wasi(wasi)
linker = wasmtime.Linker(engine)
linker.define_wasi()
for name, preload in preloads:
    linker.define_instance(store, name, linker.instantiate(store, wasmtime.Module.from_file(engine, preload)))
instance = linker.instantiate(store, wasmtime.Module.from_file(engine, file))
try:
    instance.exports(store)["_start"](store)
except wasmtime.ExitTrap as end:
    sys.exit(end.code)
