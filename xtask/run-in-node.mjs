#!/usr/bin/env -S node --no-warnings
// Runs a WASI preview 1 program in Node.js behind the command line of riser:
//
//   run-in-node.mjs modes --names
//   run-in-node.mjs run [--mode node] [--argv0 NAME] [--env K=V] [--dir HOST[::GUEST]] [--preload NAME=FILE] FILE ARGS...
//
// An independent engine to compare with: `cargo xtask corpus` takes it for riser,
// and the digests in corpus.toml were recorded with it.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { WASI } from 'node:wasi';

const [command, ...words] = process.argv.slice(2);
if (command === 'modes') {
  console.log('node');
  process.exit();
}
if (command !== 'run') throw new Error('modes or run?');

// Both sides of the first `=`.
const split = (text) => {
  const [key, ...rest] = text.split('=');
  return [key, rest.join('=')];
};

const env = {};
const preopens = {};
const preloads = [];
let argv0;
while (words.length && words[0].startsWith('--')) {
  const [option, value] = words.splice(0, 2);
  if (option === '--argv0') {
    argv0 = value;
  } else if (option === '--env') {
    const [key, rest] = split(value);
    env[key] = rest;
  } else if (option === '--dir') {
    const [host, guest] = value.split('::');
    preopens[guest ?? host] = host;
  } else if (option === '--preload') {
    preloads.push(split(value));
  } else if (option !== '--mode') {
    throw new Error(`unknown option ${option}`);
  }
}
const [file, ...rest] = words;
if (file === undefined) throw new Error('which file?');
const args = [argv0 ?? basename(file), ...rest];

// Each instance has a WASI that works on its own memory.
const imports = {};
const instantiate = async (file) => {
  const wasi = new WASI({ version: 'preview1', args, env, preopens, returnOnExit: true });
  const module = await WebAssembly.compile(readFileSync(file));
  // What is preloaded under WASI's name takes the place of WASI's functions.
  const { wasi_snapshot_preview1 } = wasi.getImportObject();
  const all = { ...imports, wasi_snapshot_preview1: { ...wasi_snapshot_preview1, ...imports.wasi_snapshot_preview1 } };
  const instance = await WebAssembly.instantiate(module, all);
  const needsWasi = WebAssembly.Module.imports(module).some((it) => it.module === 'wasi_snapshot_preview1');
  return { instance, wasi: needsWasi ? wasi : undefined };
};

for (const [name, file] of preloads) {
  const { instance, wasi } = await instantiate(file);
  if (instance.exports._start) throw new Error(`${file} is a command; only reactors can be preloaded here`);
  if (wasi) {
    wasi.initialize(instance);
  } else {
    instance.exports._initialize?.();
  }
  imports[name] = instance.exports;
}
const { instance, wasi } = await instantiate(file);
if (wasi) {
  process.exitCode = wasi.start(instance);
} else {
  instance.exports._start();
}
