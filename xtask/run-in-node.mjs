// Runs a WASI preview 1 program in Node.js, with the file last on the command
// line's options as `riser run` has it:
//
//   node --no-warnings run-in-node.mjs [--argv0 NAME] [--env K=V] [--dir DIR] FILE ARGS...
//
// An independent engine to compare outputs with; record-polybench.sh uses it.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { WASI } from 'node:wasi';

const words = process.argv.slice(2);
const env = {};
const preopens = {};
let argv0;
while (words.length && words[0].startsWith('--')) {
  const [option, value] = words.splice(0, 2);
  if (option === '--argv0') {
    argv0 = value;
  } else if (option === '--env') {
    const [key, ...rest] = value.split('=');
    env[key] = rest.join('=');
  } else if (option === '--dir') {
    preopens[value] = value;
  } else {
    throw new Error(`unknown option ${option}`);
  }
}
const [file, ...rest] = words;
if (file === undefined) throw new Error('which file?');
const args = [argv0 ?? basename(file), ...rest];
const wasi = new WASI({ version: 'preview1', args, env, preopens, returnOnExit: true });
const module = await WebAssembly.compile(readFileSync(file));
const instance = await WebAssembly.instantiate(module, wasi.getImportObject());
process.exitCode = wasi.start(instance);
