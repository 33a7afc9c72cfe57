// @ts-check
/** The worker of the package: holds either engine, does what most ask for, and loads the rest with the first call that needs it. */

import { TrainingDesk, coreHandlers } from './core-handlers.js';
import { ClassifierError, missingPart } from './errors.js';
import { handlersOnDemand } from './more.js';
import { LIB } from './pkg/build.js';
import { Engine, addCalls, build, initSync, panicText } from './pkg/engine-core.js';
import { serve } from './server.js';
import { Training } from './training.js';

/** Where the rest is. @type {string | undefined} */
let address;
/** @type {ReturnType<typeof arrived> | null} */
let coming = null;

const desk = new TrainingDesk(Engine, rest);

serve({
  initSync,
  handlers: () => coreHandlers(desk, Engine),
  build,
  panicText,
  more: (url) => {
    address = url;
    return handlersOnDemand(async () => (await rest()).laterHandlers(desk, { EngineClass: Engine, Training }));
  },
});

/** Loads it, once. */
function rest() {
  coming ??= arrived().catch((error) => {
    coming = null;
    throw error;
  });
  return coming;
}

/** @returns {Promise<import('./worker-later.js').Part>} */
async function arrived() {
  await load(String(address)).catch(missingPart);
  const part = /** @type {any} */ (self).ocelliLater;
  if (part?.LIB !== LIB) throw new ClassifierError('build', 'A part of the package is of another build. Reload the page.');
  addCalls(Engine, part.CALLS);
  return part;
}

/**
 * Last in this file: the build marks it for bundlers, which have nothing to look for here.
 * @param {string} url
 */
function load(url) {
  return import(url);
}
