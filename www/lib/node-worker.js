// @ts-check
/** Makes a thread of Node look like a worker of the web, then becomes one. */

import { parentPort, workerData } from 'node:worker_threads';

import { fetchFile } from './node-files.js';

const port = /** @type {import('node:worker_threads').MessagePort} */ (parentPort);
const messages = new EventTarget();
const scope = /** @type {any} */ (globalThis);
scope.self = globalThis;
scope.postMessage = (/** @type {unknown} */ message, /** @type {StructuredSerializeOptions | undefined} */ options) =>
  port.postMessage(message, /** @type {any} */ (options?.transfer ?? []));
scope.fetch = fetchFile;
scope.addEventListener = messages.addEventListener.bind(messages);

switch (workerData) {
  case 'inference':
    await import('./inference-worker.js');
    break;
  case 'training':
    await import('./worker-whole.js');
    break;
  case 'generator':
    await import('./gan-worker.js');
    break;
  default:
    await import('./decode-worker.js');
}
port.on('message', (data) => messages.dispatchEvent(new MessageEvent('message', { data })));
port.on('messageerror', () => messages.dispatchEvent(new Event('messageerror')));
