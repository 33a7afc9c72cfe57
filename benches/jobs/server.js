// The benchmark's own web server: the built site, the peers, the models, and a page for each subject.

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { gzipSync } from 'node:zlib';

/** @typedef {import('./subjects.js').Subject} Subject */

const TYPES = new Map([
  ['.html', 'text/html'],
  ['.js', 'text/javascript'],
  ['.mjs', 'text/javascript'],
  ['.wasm', 'application/wasm'],
]);

/**
 * Serves the folders under their names.
 * @param {Record<string, string>} folders by the first part of the path
 * @param {Subject[]} subjects
 */
export async function serve(folders, subjects) {
  /** Gzipped bytes of each file asked for. @type {Map<string, number>} */
  const weights = new Map();
  /** What was asked for since the last look. @type {Set<string>} */
  const asked = new Set();
  const server = createServer(async (request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname));
    const [, first = '', ...rest] = path.split('/');
    try {
      const subject = subjects.find(({ name }) => `${name}.html` === rest[0]);
      const pages = { bench: benchPage, cold: coldPage };
      const page = subject && first in pages ? pages[/** @type {'bench' | 'cold'} */ (first)](subject) : null;
      const folder = folders[first];
      if (!page && !folder) throw new Error('there is no such folder');
      const body = page ? Buffer.from(page) : await readFile(join(/** @type {string} */ (folder), ...rest));
      if (!page) {
        asked.add(path);
        if (!weights.has(path)) weights.set(path, gzipSync(body, { level: 9 }).length);
      }
      const type = page ? 'text/html' : (TYPES.get(extname(path)) ?? 'application/octet-stream');
      response.writeHead(200, { 'Content-Type': type, 'Content-Length': body.length }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    /** Gzipped bytes of the subject's own files that were asked for since the last call. */
    weigh() {
      const own = [...asked].filter((path) => /^\/(npm|site|node_modules|peers)\//.test(path));
      asked.clear();
      return own.reduce((sum, path) => sum + (weights.get(path) ?? 0), 0);
    },
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** @param {Subject} subject */
const scriptsOf = ({ scripts = [] }) => scripts.map((path) => `<script src="${path}"></script>`).join('');

/** Measures on request. @param {Subject} subject */
function benchPage(subject) {
  return `<!doctype html><title>${subject.name}</title>${scriptsOf(subject)}<script type="module" src="/jobs/page/harness.js"></script>`;
}

/** What `ocelli/inference` and the page's own script are made of. */
const PRELOADS = ['/npm/inference.js', '/npm/ocelli-shared1.js', '/site/bench/networks.js'];

/** Predicts once and says when that was. @param {Subject} subject */
function coldPage(subject) {
  const head = `<!doctype html><title>${subject.name}</title>${scriptsOf(subject)}`;
  if (subject.name === 'ocelli') {
    // All modules are asked for at once, as our own page does it; a bundler would put them together.
    const links = PRELOADS.map((path) => `<link rel="modulepreload" href="${path}">`).join('');
    return `${head}${links}<script type="module" src="/jobs/page/cold-ocelli.js"></script>`;
  }
  return `${head}<script type="module">
    import { firstPrediction } from '/jobs/page/cold.js';
    firstPrediction('${subject.module}', '${subject.backend ?? ''}');
  </script>`;
}
