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

/** Of ours, what the package's worker loads with the first call that needs it, and the worker that reads picture files. */
const LATER = { ocelli: ['worker-later.js', 'decode-worker.js'], 'ocelli/inference': ['decode-worker.js'] };

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
 * What is loaded of a script at once, and what it may import later, as bytes.
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
  const isAtOnce = ({ path }) => atOnce.has(path.slice(HERE.length));
  const bytesOf = (files) => Buffer.concat(files.map(({ contents }) => contents));
  return { first: bytesOf(outputFiles.filter(isAtOnce)), later: bytesOf(outputFiles.filter((file) => !isAtOnce(file))) };
}

const gzip = (bytes) => (bytes.length === 0 ? 0 : gzipSync(bytes, { level: 9 }).length);

const onlyOurs = process.argv.includes('--ours');
const rows = [];
for (const [job, subjects] of Object.entries(JOBS)) {
  for (const [name, scripts, files] of subjects) {
    const isPeer = !name.startsWith('Ocelli');
    if (isPeer && (onlyOurs || !existsSync(PEERS))) continue;
    const made = await Promise.all(scripts.map(bundled));
    const others = (LATER[/\((.*)\)/.exec(name)?.[1] ?? ''] ?? []).map((file) => bundled(`${PACKAGE}${file}`));
    const later = [...made.map((bundle) => bundle.later), ...(await Promise.all(others)).map((bundle) => bundle.first)];
    const parts = [...made.map((bundle) => bundle.first), ...(await Promise.all(files.map((file) => readFile(file))))];
    const total = (list, sizeOf) => list.reduce((sum, bytes) => sum + sizeOf(bytes), 0);
    rows.push({
      job,
      name,
      scripts: total(parts.slice(0, scripts.length), gzip),
      later: isPeer ? 0 : total(later, gzip),
      raw: total(parts, (bytes) => bytes.length),
      gzip: total(parts, gzip),
      brotli: total(parts, (bytes) => brotliCompressSync(bytes).length),
    });
  }
}
console.log(JSON.stringify(rows));
