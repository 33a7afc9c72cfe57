// @ts-check
/** The worker that trains a generator. */

import { ganHandlers } from './gan-handlers.js';
import { GanEngine, build, initSync, panicText } from './pkg/engine-core.js';
import { serve } from './server.js';

serve({ initSync, handlers: () => ganHandlers(GanEngine), build, panicText });
