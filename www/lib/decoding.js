// @ts-check
/** What is done with picture files: the one decoder of this page, and who reads pages with it. */

import { Decoder } from './decoder.js';
import { predictPage as readAndPredict } from './page-reading.js';
import { DECODE_BUILD } from './pkg/decode-build.js';
// Whoever asks for this part has it already; named here, a bundler need not cut what is shared into finer pieces.
import './predictor.js';
import { startDecodeWorker } from './spawn-decode.js';


export const decoder = new Decoder(startDecodeWorker, { build: DECODE_BUILD });

/**
 * Reads a photo of handwriting.
 * @param {import('./keeper.js').Keeper} keeper of the network that reads
 * @param {import('./index.d.ts').ModelInfo} info
 * @param {import('./index.d.ts').PageSource} source
 * @param {import('./index.d.ts').CallOptions & { topK?: number }} [options]
 */
export const predictPage = (keeper, info, source, options) => readAndPredict(decoder, keeper, info, source, options);
