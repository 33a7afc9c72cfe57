// A static host as plain as any: `dist/site` under a sub-path, no special headers, every request remembered.

import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const SITE = fileURLToPath(new URL('../../../dist/site', import.meta.url));
const SUB_PATH = '/some/where/';
const TYPES = new Map([
  ['.html', 'text/html'],
  ['.js', 'text/javascript'],
  ['.css', 'text/css'],
  ['.svg', 'image/svg+xml'],
  ['.wasm', 'application/wasm'],
  ['.webmanifest', 'application/manifest+json'],
]);

export class SiteServer {
  /** What was asked for, relative to the page. @type {string[]} */
  requests = [];
  /** What was asked for and is not there. @type {string[]} */
  missing = [];
  #server = createServer((request, response) => this.#answer(request, response));
  #port = 0;

  /** Where the page is. */
  get url() {
    return `http://localhost:${this.#port}${SUB_PATH}`;
  }

  /** Opens its port; after `stop`, the same one again. */
  async start() {
    await new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#port, 'localhost', () => resolve(undefined));
    });
    this.#port = /** @type {import('node:net').AddressInfo} */ (this.#server.address()).port;
    return this;
  }

  /** As if the network were gone. */
  async stop() {
    if (!this.#server.listening) return;
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  /**
   * @param {import('node:http').IncomingMessage} request
   * @param {import('node:http').ServerResponse} response
   */
  async #answer(request, response) {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
    const name = path.startsWith(SUB_PATH) ? path.slice(SUB_PATH.length) || 'index.html' : `outside:${path}`;
    // Browsers ask for it on their own.
    if (!path.endsWith('favicon.ico')) this.requests.push(name);
    try {
      const file = await realpath(join(SITE, name));
      const { size } = await stat(file);
      if (!file.startsWith(SITE + sep)) throw new Error('outside');
      response.writeHead(200, {
        'Content-Type': TYPES.get(extname(file)) ?? 'application/octet-stream',
        'Content-Length': size,
      });
      createReadStream(file).pipe(response);
    } catch {
      if (!path.endsWith('favicon.ico')) this.missing.push(path);
      response.writeHead(404).end();
    }
  }
}
