// @ts-check
/** The worker of the package: holds either engine, does what most ask for, and loads the rest with the first call that needs it. */

import { TrainingDesk, coreHandlers } from './core-handlers.js';
import { ClassifierError, missingPart } from './errors.js';
import { handlersOnDemand } from './more.js';
import { LIB } from './pkg/build.js';
import { Engine, addCalls, addModule, build, initSync, panicText } from './pkg/engine-core.js';
import { serve } from './server.js';
import { Training } from './training.js';

/** Which tells where the rest is. @type {import('./protocol.d.ts').EngineMessage} */
let from;
/** @type {ReturnType<typeof arrived> | null} */
let coming = null;

const desk = new TrainingDesk(Engine, rest);

serve({
  init: initSync,
  handlers: () => coreHandlers(desk, Engine),
  build,
  panicText,
  more: (message) => {
    from = message;
    return handlersOnDemand(async () => (await rest()).laterHandlers(desk, { EngineClass: Engine, Training }));
  },
});

/** Loads it, once. */
function rest() {
  return (coming ??= arrived().catch((error) => {
    coming = null;
    throw error;
  }));
}

/** @returns {Promise<import('./worker-later.js').Part>} */
async function arrived() {
  await load(/** @type {string} */ (from.later)).catch(missingPart);
  const part = /** @type {any} */ (self).ocelliLater;
  if (part?.LIB !== LIB) throw new ClassifierError('build', 'A part of the package is of another build. Reload the page.');
  await part.addRest(addModule, from.rest);
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
