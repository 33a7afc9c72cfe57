// Runs a test program compiled for wasm32-wasip1 in Node: `node wasi-runner.mjs program.wasm args…`.
// The program sees this machine's files under their own names, so tests read the same data as natively.
//
// It runs in a process of its own, which tells its exit code and is then killed: Node 20 sometimes crashes while it
// takes down a large wasm memory, long after the program has ended. A crash before that is a failure.

import { fork } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { exit } from 'node:process';
import { fileURLToPath } from 'node:url';
import { WASI } from 'node:wasi';

const [file, ...args] = process.argv.slice(2);
if (!file) throw new Error('usage: node wasi-runner.mjs program.wasm args…');

if (process.send) {
  const wasi = new WASI({
    version: 'preview1',
    args: [file, ...args],
    env: process.env,
    preopens: { '.': process.cwd(), '/': '/' },
    returnOnExit: true,
  });
  const { instance } = await WebAssembly.instantiate(await readFile(file), wasi.getImportObject());
  process.send({ code: wasi.start(instance) });
} else {
  const child = fork(fileURLToPath(import.meta.url), [file, ...args], { execArgv: process.execArgv });
  child.on('message', ({ code }) => {
    child.kill('SIGKILL');
    exit(code);
  });
  child.on('exit', (code, signal) => {
    console.error(`the program's process ended without telling how (${signal ?? `code ${code}`})`);
    exit(1);
  });
}
