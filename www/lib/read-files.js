// @ts-check
/** What reads a data set's files: loaded with the first one, as most never have any. */

import { part } from './platform.js';

/** @type {typeof import('./dataset-files.js').readFiles} */
export async function readFiles(dataset, hands, options) {
  const files = await part('files', () => import('./dataset-files.js'));
  return files.readFiles(dataset, hands, options);
}
