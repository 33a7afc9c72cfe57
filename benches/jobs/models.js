// The model files of a run: each job's network with random weights, as Ocelli saves it and as ONNX.

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { JOBS, specOf } from '../../www/bench/networks.js';
import { onnxOf, tensorsOf } from './onnx.js';

/**
 * @param {string} pkg where the engine is
 * @param {string} folder where the files go
 */
export async function writeModels(pkg, folder) {
  const { default: init, Engine } = await import(pathToFileURL(join(pkg, 'engine.js')).href);
  await init({ module_or_path: await readFile(join(pkg, 'engine-whole_bg.wasm')) });
  await mkdir(folder, { recursive: true });
  for (const [job, { network }] of Object.entries(JOBS)) {
    const engine = Engine.create(specOf(network), 1);
    const model = Buffer.from(engine.save('f32'));
    engine.free();
    await writeFile(join(folder, `${job}.safetensors`), model);
    await writeFile(join(folder, `${job}.onnx`), onnxOf(network, tensorsOf(model)));
  }
}
