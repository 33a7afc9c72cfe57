// @ts-check
/** Files in Node, read as if they were fetched: addresses may be paths. */

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

// A worker puts the function below in its place.
const fetchAddress = globalThis.fetch;

/**
 * @param {URL | string} source
 * @param {{ signal?: AbortSignal, integrity?: string }} [options]
 * @returns {Promise<Response>}
 */
export async function fetchFile(source, options) {
  const file = fileOf(source);
  if (file === null) return fetchAddress(source, options);
  const type = file.endsWith('.wasm') ? 'application/wasm' : 'application/octet-stream';
  return new Response(new Uint8Array(await readFile(file, { signal: options?.signal })), { headers: { 'content-type': type } });
}

/**
 * @param {URL | string} source
 * @returns {string | null} the path of the file that is meant; null for an address elsewhere
 */
function fileOf(source) {
  const text = String(source);
  if (text.startsWith('file:')) return fileURLToPath(text);
  return /^[a-z][a-z0-9+.-]+:/i.test(text) ? null : text;
}
