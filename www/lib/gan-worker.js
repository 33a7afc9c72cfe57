// @ts-check
/** The worker that trains a generator. */

import { ganHandlers } from './gan-handlers.js';
import { GanEngine, addModule, build, initSync, panicText } from './pkg/engine-core.js';
import { whole } from './rest.js';
import { serve } from './server.js';

serve({ init: whole(initSync, addModule), handlers: () => ganHandlers(GanEngine), build, panicText });
