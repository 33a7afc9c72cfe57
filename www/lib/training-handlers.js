// @ts-check
/** All that the training engine's worker does, where nothing may be loaded later. */

import { TrainingDesk, coreHandlers } from './core-handlers.js';
import { takeDataset } from './datasets.js';
import { laterHandlers } from './later-handlers.js';
import { Training } from './training.js';

/**
 * @param {typeof import('./pkg/engine.js').Engine} EngineClass
 * @returns {import('./protocol.d.ts').Handlers<import('./protocol.d.ts').EngineCalls>}
 */
export function engineHandlers(EngineClass) {
  const desk = new TrainingDesk(EngineClass, async () => ({ takeDataset }));
  return { ...coreHandlers(desk, EngineClass), ...laterHandlers(desk, { EngineClass, Training }) };
}
