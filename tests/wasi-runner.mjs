// Runs a test program compiled for wasm32-wasip1 in Node: `node wasi-runner.mjs program.wasm args…`.
// The program sees this machine's files under their own names, so tests read the same data as natively.

import { readFile } from 'node:fs/promises';
import { exit } from 'node:process';
import { WASI } from 'node:wasi';

const [file, ...args] = process.argv.slice(2);
if (!file) throw new Error('usage: node wasi-runner.mjs program.wasm args…');
const wasi = new WASI({
  version: 'preview1',
  args: [file, ...args],
  env: process.env,
  preopens: { '.': process.cwd(), '/': '/' },
  returnOnExit: true,
});
const { instance } = await WebAssembly.instantiate(await readFile(file), wasi.getImportObject());
exit(wasi.start(instance));
