// What one job weighs on the wire with each library: its script bundled and minified by esbuild, with the workers and wasm that it
// loads. Models and data are left out: everybody has the same. Prints rows as JSON, with `--ours` our own
// alone; `cargo xtask size` makes the table.

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const PACKAGE = fileURLToPath(new URL('../../dist/npm/', import.meta.url));
const PEERS = `${HERE}node_modules/`;

/** Scripts to bundle and other files, by what somebody builds. */
const JOBS = {
  'Keras CNN, predict': [
    ['Ocelli (ocelli/inference)', ['apps/ocelli-predict.js', `${PACKAGE}inference-worker.js`], [`${PACKAGE}pkg/inference_bg.wasm`]],
    ['ConvNetJS', ['apps/convnetjs-both.js'], []],
    ['TensorFlow.js, wasm', ['apps/tfjs-predict.js'], [`${PEERS}@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm`]],
    ['onnxruntime-web, wasm', ['apps/onnxruntime-predict.js'], [`${PEERS}onnxruntime-web/dist/ort-wasm-simd-threaded.wasm`]],
  ],
  'Keras CNN, train and predict': [
    ['Ocelli (ocelli)', ['apps/ocelli-train.js', `${PACKAGE}worker.js`], [`${PACKAGE}pkg/engine_bg.wasm`]],
    ['ConvNetJS', ['apps/convnetjs-both.js'], []],
    ['TensorFlow.js, cpu', ['apps/tfjs-train.js'], []],
  ],
};

/**
 * What is loaded of a script at once, as bytes; what it imports later is not.
 * @param {string} script
 */
async function bundled(script) {
  const { outputFiles, metafile } = await build({
    entryPoints: { app: script.startsWith('apps/') ? HERE + script : script },
    alias: { 'ocelli/inference': `${PACKAGE}inference.js`, ocelli: `${PACKAGE}index.js` },
    bundle: true, splitting: true, minify: true, format: 'esm', target: 'es2022', legalComments: 'none', platform: 'browser',
    write: false, outdir: HERE, absWorkingDir: HERE, metafile: true, logLevel: 'error',
    // Where a peer asks for Node's own modules, it does so for Node alone.
    external: ['fs', 'path', 'crypto', 'util', 'os', 'worker_threads', 'perf_hooks'],
  });
  const atOnce = new Set(['app.js']);
  for (const name of atOnce) {
    for (const { kind, path, external } of metafile.outputs[name].imports) if (kind !== 'dynamic-import' && !external) atOnce.add(path);
  }
  return Buffer.concat(outputFiles.filter(({ path }) => atOnce.has(path.slice(HERE.length))).map(({ contents }) => contents));
}

const onlyOurs = process.argv.includes('--ours');
const rows = [];
for (const [job, subjects] of Object.entries(JOBS)) {
  for (const [name, scripts, files] of subjects) {
    const isPeer = !name.startsWith('Ocelli');
    if (isPeer && (onlyOurs || !existsSync(PEERS))) continue;
    const parts = [...(await Promise.all(scripts.map(bundled))), ...(await Promise.all(files.map((file) => readFile(file))))];
    const sum = (compress) => parts.reduce((total, bytes) => total + compress(bytes).length, 0);
    const scriptsOnly = parts.slice(0, scripts.length).reduce((total, bytes) => total + gzipSync(bytes, { level: 9 }).length, 0);
    rows.push({ job, name, scripts: scriptsOnly, raw: sum((bytes) => bytes), gzip: sum((bytes) => gzipSync(bytes, { level: 9 })), brotli: sum(brotliCompressSync) });
  }
}
console.log(JSON.stringify(rows));
