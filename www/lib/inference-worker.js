// @ts-check
/** The worker that holds the small engine, which predicts only. */

import { Desk, inferenceHandlers } from './handlers.js';
import { Engine, build, initSync, panicText } from './pkg/inference.js';
import { serve } from './server.js';

serve({ init: initSync, handlers: () => inferenceHandlers(new Desk(Engine)), build, panicText });
