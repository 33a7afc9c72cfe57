// @ts-check
/** What is done with picture files: the one decoder of this page, and who reads pages with it. */

import { Decoder } from './decoder.js';
import { DECODE_BUILD } from './pkg/build.js';
// Whoever asks for this part has it already; named here, a bundler need not cut what is shared into finer pieces.
import './predictor.js';
import { startDecodeWorker } from './spawn-decode.js';

export { readPage } from './page-reading.js';

export const decoder = new Decoder(startDecodeWorker, { build: DECODE_BUILD });
