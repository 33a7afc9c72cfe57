// @ts-check
/** The worker that holds the small engine, which predicts only. */

import { Desk, inferenceHandlers } from './handlers.js';
import init, { Engine, build, panicText } from './pkg/inference.js';
import { serve } from './server.js';

const wasm = new URL('./pkg/inference_bg.wasm', import.meta.url);
serve({ start: () => init({ module_or_path: wasm }), handlers: () => inferenceHandlers(new Desk(Engine)), build, panicText });
