// @ts-check
/** The expendable worker that decodes picture files. */

import { decodeHandlers } from './decode-handlers.js';
import { build, initSync, panicText } from './pkg/decode.js';
import { serve } from './server.js';

serve({ init: initSync, handlers: () => decodeHandlers, build, panicText });
