// @ts-check
/** What reads a data set's files: loaded with the first one, as most never have any. */

import { missingPart } from './errors.js';
import { platform } from './platform.js';

/** @type {typeof import('./dataset-files.js').readFiles} */
export async function readFiles(dataset, hands, options) {
  const part = platform.parts.files ?? (await import('./dataset-files.js').catch(missingPart));
  return part.readFiles(dataset, hands, options);
}
