// @ts-check
/** The one decoder of this page. */

import { Decoder } from './decoder.js';
import { DECODE_BUILD } from './pkg/build.js';
import { startDecodeWorker } from './spawn-decode.js';

export const decoder = new Decoder(startDecodeWorker, { build: DECODE_BUILD });
