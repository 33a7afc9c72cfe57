// @ts-check
/** The worker with all its parts in one file, for those who start it themselves. */

import { addModule } from './pkg/engine-core.js';
import { Engine, build, initSync, panicText } from './pkg/engine.js';
import { whole } from './rest.js';
import { serve } from './server.js';
import { engineHandlers } from './training-handlers.js';

serve({ init: whole(initSync, addModule), handlers: () => engineHandlers(Engine), build, panicText });
