// @ts-check
/**
 * The package as one file: workers and wasm are in it as text. What is published under this name is bundled by the
 * build; bundlers, pages and policies then have nothing to find.
 */

import { DECODE, ENGINE, WORKER } from './pkg/payload.js';
import { platform } from './platform.js';
import { startText } from './spawn.js';

export { Generator } from './generator.js';
export * from './index.js';
export * from './presets.js';

for (const name of /** @type {const} */ (['inference', 'training', 'generator', 'decode'])) {
  platform.workers[name] = () => startText(WORKER, { name: `ocelli ${name === 'inference' ? 'training' : name}` });
}
platform.wasm.engine = platform.wasm.inference = once(() => unpacked(ENGINE));
platform.wasm.decode = once(() => unpacked(DECODE));
// The whole engine is here anyway.
platform.small = false;

/**
 * @param {string} packed gzipped, in base 64
 * @returns {Promise<ArrayBuffer>}
 */
async function unpacked(packed) {
  const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).arrayBuffer();
}

/**
 * @template T
 * @param {() => T} make
 */
function once(make) {
  /** @type {T | undefined} */
  let made;
  return () => (made ??= make());
}
