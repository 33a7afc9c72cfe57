// @ts-check
/** The worker with all its parts in one file, for those who start it themselves. */

import { Engine, build, initSync, panicText } from './pkg/engine.js';
import { serve } from './server.js';
import { engineHandlers } from './training-handlers.js';

serve({ initSync, handlers: () => engineHandlers(Engine), build, panicText });
