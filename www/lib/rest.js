// @ts-check
/** The second part of the training engine's module, which joins the first in its memory. */

import { ClassifierError, missingPart } from './errors.js';
import { BUILD, ENGINE_LATER_INTEGRITY } from './pkg/build.js';

/**
 * What begins with both, for workers that load nothing later.
 * @param {(options: { module: WebAssembly.Module }) => void} initSync
 * @param {(options: { module: WebAssembly.Module }) => void} addModule
 * @returns {(options: { module: WebAssembly.Module, rest?: string | false }) => Promise<void>}
 */
export const whole =
  (initSync, addModule) =>
  ({ module, rest }) => {
    initSync({ module });
    return addRest(addModule, rest);
  };

/**
 * Loads it, if the module came in two parts.
 * @param {(options: { module: WebAssembly.Module }) => void} addModule
 * @param {string | false} [url]
 */
export async function addRest(addModule, url) {
  if (!url) return;
  const module = await compiledAt(url).catch(missingPart);
  const [section] = WebAssembly.Module.customSections(module, 'ocelli.build');
  if (!BUILD.startsWith(new TextDecoder().decode(section))) {
    throw new ClassifierError('build', 'A part of the package is of another build. Reload the page.');
  }
  addModule({ module });
}

/**
 * The bytes' hash is checked as they arrive.
 * @param {string} url
 */
async function compiledAt(url) {
  const response = await fetch(url, { integrity: ENGINE_LATER_INTEGRITY });
  if (!response.ok) throw new Error(`the server answered ${response.status} for ${url}`);
  return WebAssembly.compile(await response.arrayBuffer());
}
