// @ts-check
/** Starts the workers: wherever the script comes from, however it was bundled, and with the caller's own if there are. */

import { ClassifierError } from './errors.js';
import { platform } from './platform.js';

// Not `import.meta.url` itself: beside a name that is not known yet, bundlers would bring every file along.
const scriptUrl = import.meta.url;

/** @typedef {import('./connection.js').WorkerLike} WorkerLike */
/** @typedef {import('./index.d.ts').WasmSource} WasmSource */

/**
 * What is needed to start one kind of worker.
 * @typedef {object} Part
 * @property {import('./index.d.ts').WorkerName} name
 * @property {string} file the worker's script
 * @property {() => Worker} direct the literal form, which bundlers look for
 * @property {import('./index.d.ts').WasmName} wasm
 * @property {() => URL} wasmUrl
 * @property {() => URL} [restUrl] the rest of a module in two parts, which the worker loads itself
 * @property {() => URL} [laterUrl] the script `worker-later.js`, likewise
 * @property {string} build that the wasm must be of
 * @property {string} integrity of what lies at `wasmUrl`
 */

/** Engines that were asked for, by what they are made from. @type {Map<unknown, Promise<WebAssembly.Module>>} */
const modules = new Map();

/**
 * Starts a worker, and gives it its engine, which is compiled on this side while the worker's own scripts load, once
 * for all workers.
 * @param {Part} part
 * @returns {WorkerLike}
 */
export function start(part) {
  const own = platform.workers[part.name];
  const worker = own ? own() : platform.base ? open(new URL(part.file, platform.base), true) : startDirectly(part);
  giveEngine(worker, part, own);
  return worker;
}

/** @param {Part} part */
function startDirectly({ file, direct }) {
  const here = new URL(file, scriptUrl);
  const foreign = here.protocol.startsWith('http') && here.origin !== self.origin;
  // Whether a page demands Trusted Types is told only by trying, and the browser would complain of the try.
  if (!foreign && !ownPolicy()) {
    try {
      return direct();
    } catch (error) {
      // A bundler put the worker on another origin.
      if (!(error instanceof TypeError || error instanceof DOMException)) throw error;
    }
  }
  const { address, isModule } = addressOf(direct);
  return open(new URL(address, globalThis.document?.baseURI ?? self.location.href), isModule);
}

/**
 * Only the literal form knows where a bundler put the worker. It is looked at here while nothing else can run.
 * @param {() => Worker} direct
 */
function addressOf(direct) {
  const found = { address: '', isModule: false };
  const { Worker: native } = globalThis;
  globalThis.Worker = /** @type {any} */ (
    class {
      /** @param {string | URL} address @param {WorkerOptions} [options] */
      constructor(address, options) {
        found.address = String(address);
        found.isModule = options?.type === 'module';
      }
    }
  );
  try {
    direct();
  } finally {
    globalThis.Worker = native;
  }
  return found;
}

/**
 * A worker must be of the page's own origin. One from elsewhere is loaded by a line of script that is.
 * @param {URL} url
 * @param {boolean} isModule
 */
function open(url, isModule) {
  /** @type {WorkerOptions} */
  const options = isModule ? { type: 'module' } : {};
  if (!url.protocol.startsWith('http') || url.origin === self.origin) return new Worker(trusted(url.href), options);
  const line = isModule ? `import ${JSON.stringify(url.href)};` : `importScripts(${JSON.stringify(url.href)});`;
  return startText(line, options);
}

/**
 * Starts a worker from its script's text.
 * @param {string} text
 * @param {WorkerOptions} [options]
 */
export function startText(text, options) {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
  const worker = new Worker(trusted(url), options);
  worker.addEventListener('message', () => URL.revokeObjectURL(url), { once: true });
  return worker;
}

/** @type {{ createScriptURL(url: string): any } | null | undefined} */
let policy;

/** What makes addresses trusted; null in a browser without Trusted Types, and in a page that does not allow the policy. */
function ownPolicy() {
  const { trustedTypes } = /** @type {any} */ (globalThis);
  if (policy === undefined) {
    try {
      policy = trustedTypes?.createPolicy('ocelli', { createScriptURL: (/** @type {string} */ url) => url }) ?? null;
    } catch {
      policy = null;
    }
  }
  return policy;
}

/**
 * The address of a worker as a page wants it that demands Trusted Types; it has to allow the policy `ocelli`.
 * @param {string} url
 * @returns {string}
 */
function trusted(url) {
  return ownPolicy()?.createScriptURL(url) ?? url;
}

/**
 * A worker that gets none loads the engine itself, if it is ours. It gets none where this side may not compile (a strict policy), or
 * the wasm did not arrive.
 * @param {WorkerLike} worker
 * @param {Part} part
 * @param {unknown} isOwn
 */
async function giveEngine(worker, part, isOwn) {
  const { wasm, wasmUrl, restUrl, laterUrl } = part;
  const { base } = platform;
  const given = platform.wasm[wasm];
  /** @param {string} file @param {any} url */
  const at = (file, url) => (base ? new URL(file, base) : url()).href;
  const source = given ?? at(`pkg/${wasm}_bg.wasm`, wasmUrl);
  const compiled = modules.get(source) ?? compile(source, part);
  modules.set(source, compiled);
  let module = null;
  try {
    module = await compiled;
  } catch (error) {
    modules.delete(source);
    if (error instanceof ClassifierError) {
      worker.dispatchEvent?.(Object.assign(new Event('error'), { message: error.message, error }));
      return;
    }
  }
  worker.postMessage({
    type: 'engine',
    module,
    wasm: !given && source,
    // A module that the caller gives is whole.
    rest: !given && restUrl && at(`pkg/${wasm}-later_bg.wasm`, restUrl),
    // A worker of the caller's own, or of another entry, has all its parts.
    later: !isOwn && laterUrl && at('worker-later.js', laterUrl),
  });
}

/**
 * @param {WasmSource} source
 * @param {Part} part
 * @returns {Promise<WebAssembly.Module>}
 */
async function compile(source, { wasm, build, integrity }) {
  const given = typeof source === 'function' ? await source() : await source;
  const module =
    given instanceof WebAssembly.Module
      ? given
      : typeof given === 'string' || given instanceof URL
        ? await compileAt(given, platform.wasm[wasm] ? '' : integrity)
        : await WebAssembly.compile(given);
  const [section] = WebAssembly.Module.customSections(module, 'ocelli.build');
  const found = section && new TextDecoder().decode(section);
  const wanted = build.split('-')[0];
  if (found !== wanted) throw otherBuild(`${wasm}.wasm is of build ${found}, but the script of ${wanted}`);
  return module;
}

/**
 * The bytes' hash is checked as they arrive.
 * @param {URL | string} url
 * @param {string} [integrity]
 */
async function compileAt(url, integrity) {
  const response = await platform.fetch(url, { integrity }).catch(async (error) => {
    const again = await platform.fetch(url, {});
    if (!again.ok) throw error;
    throw otherBuild(`${url} is not the file that came with the script`);
  });
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  const streams = response.headers.get('content-type')?.startsWith('application/wasm');
  return streams ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer());
}

/** @param {string} what */
function otherBuild(what) {
  return new ClassifierError('build', `Script and wasm do not belong together: ${what}. Reload the page, or update all of the package's files.`);
}
