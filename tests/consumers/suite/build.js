// The package as npm would deliver it, the apps built with it, and hosts of every kind for them.

import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const HERE = fileURLToPath(new URL('..', import.meta.url));
export const OUT = join(HERE, 'out');
const PACKAGE = join(HERE, 'node_modules/ocelli');
const DIST = fileURLToPath(new URL('../../../dist/npm', import.meta.url));
const TYPES = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.js', 'text/javascript'],
  ['.css', 'text/css'],
  ['.wasm', 'application/wasm'],
]);

const execute = promisify(execFile);

/**
 * Runs a program of this folder's packages, or npm or Node.
 * @param {string} program
 * @param {string[]} args
 * @param {string} [cwd]
 */
export async function run(program, args, cwd = HERE) {
  const PATH = `${join(HERE, 'node_modules/.bin')}:${process.env.PATH}`;
  const { NODE_ENV: _, NODE_TEST_CONTEXT: __, ...rest } = process.env;
  const env = { ...rest, PATH, NEXT_TELEMETRY_DISABLED: '1', PARCEL_WORKERS: '0', NODE_OPTIONS: '' };
  try {
    return (await execute(program, args, { cwd, env, maxBuffer: 2 ** 26 })).stdout;
  } catch (error) {
    throw new Error(`${program} ${args.join(' ')}: ${error.stdout}\n${error.stderr}`, { cause: error });
  }
}

/** Packs `dist/npm`, as publishing would, and unpacks it where an install would. */
export async function installPackage() {
  await rm(OUT, { recursive: true, force: true });
  await rm(PACKAGE, { recursive: true, force: true });
  // Vite keeps what it made of the last package of this version.
  await rm(join(HERE, 'node_modules/.vite'), { recursive: true, force: true });
  await mkdir(OUT, { recursive: true });
  await mkdir(PACKAGE, { recursive: true });
  const name = (await run('npm', ['pack', DIST, '--pack-destination', OUT, '--silent'])).trim();
  await run('tar', ['-xzf', join(OUT, name), '-C', PACKAGE, '--strip-components', '1']);
  return join(OUT, name);
}

/** A folder of pages that need no build, with the package and the model beside them. */
export async function pages() {
  const folder = join(OUT, 'pages');
  for (const app of ['plain', 'strict', 'workers', 'element']) {
    await cp(join(HERE, 'apps', app), join(folder, app), { recursive: true });
    await cp(join(HERE, 'apps/job.js'), join(folder, app, 'job.js'));
    await cp(PACKAGE, join(folder, app, 'ocelli'), { recursive: true });
    await addModel(join(folder, app));
  }
  return folder;
}

/** @param {string} folder */
export async function addModel(folder) {
  await cp(join(PACKAGE, 'models/digits.safetensors'), join(folder, 'digits.safetensors'));
  return folder;
}

/**
 * Serves a folder under a path.
 * @param {string} folder
 * @param {{ path?: string, headers?: Record<string, string>, port?: number }} [options]
 */
export async function host(folder, { path = '/', headers = {} } = {}) {
  /** What was asked for, by its path. @type {Set<string>} */
  const log = new Set();
  const server = createServer(async (request, response) => {
    const asked = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
    let name = asked.startsWith(path) ? normalize(asked.slice(path.length)) : '..';
    log.add(name);
    if (name === '.' || name.endsWith('/')) name = join(name, 'index.html');
    try {
      if (name.startsWith('..')) throw new Error('outside');
      const bytes = await readFile(join(folder, name));
      response.writeHead(200, { 'Content-Type': TYPES.get(extname(name)) ?? 'application/octet-stream', ...headers }).end(bytes);
    } catch {
      response.writeHead(404, headers).end();
    }
  });
  await new Promise((resolve) => server.listen(0, 'localhost', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `http://localhost:${port}${path}`,
    log,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
