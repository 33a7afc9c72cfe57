// @ts-check
/**
 * The worker's side of the wire: takes requests, runs their handlers, answers each exactly once.
 *
 * An error with a code of ours is an answer. Any other means that the instance is in a state nobody knows (a panic, a
 * trap, no memory): it is poisoned, says so once, and nothing more.
 */

import { textOf } from './errors.js';
import { LIB } from './pkg/build.js';
import { PROTOCOL } from './protocol.js';

/**
 * Serves the page from this worker, once its engine has started.
 * @template {import('./protocol.d.ts').CallTable<Calls>} Calls
 * @param {object} engine
 * @param {() => Promise<unknown>} engine.start loads the wasm
 * @param {() => import('./protocol.d.ts').Handlers<Calls>} engine.handlers
 * @param {() => string} engine.build of the wasm; the scripts' own is put to it
 * @param {() => string | undefined} engine.panicText
 */
export async function serve({ start, handlers, build, panicText }) {
  try {
    await start();
    /** @type {Server<Calls>} */
    const server = new Server(self, handlers(), { panicText });
    self.addEventListener('message', (event) => server.receive(event.data));
    self.addEventListener('messageerror', () => server.poison('a message of the page could not be read'));
    server.ready(`${build()}-${LIB}`);
  } catch (error) {
    self.postMessage({ type: 'crashed', message: textOf(error) });
  }
}

/**
 * The engine as the page compiled it, its first message to a worker that has one; where the page could not, compiled here.
 * @param {URL} [url] where the engine lies
 * @returns {Promise<WebAssembly.Module>}
 */
export async function compiledEngine(url) {
  const module = await new Promise((resolve) => {
    self.addEventListener('message', ({ data }) => resolve(data.module), { once: true });
  });
  if (module) return module;
  if (!url) throw new Error('The page may not compile wasm: its policy needs wasm-unsafe-eval.');
  const response = await fetch(url);
  if (!response.ok) throw new Error(`the server answered ${response.status} for ${url}`);
  return WebAssembly.compile(await response.arrayBuffer());
}

/** @template {import('./protocol.d.ts').CallTable<Calls>} Calls */
export class Server {
  #port;
  #handlers;
  #panicText;
  /** By the id of the call. @type {Map<number, AbortController>} */
  #running = new Map();
  /** What they do. @type {Set<Promise<void>>} */
  #work = new Set();
  #poisoned = false;
  #silent = false;

  /**
   * @param {import('./protocol.d.ts').Port} port
   * @param {import('./protocol.d.ts').Handlers<Calls>} handlers
   * @param {{ panicText: () => string | undefined }} engine tells the first panic's text, if there was one
   */
  constructor(port, handlers, { panicText }) {
    this.#port = port;
    this.#handlers = handlers;
    this.#panicText = panicText;
  }

  /** @param {string} build */
  ready(build) {
    this.#port.postMessage({ type: 'ready', protocol: PROTOCOL, build });
  }

  /** @param {any} message a {@link import('./protocol.d.ts').Request} */
  receive(message) {
    if (this.#poisoned || this.#silent) return;
    if (message.type === 'ping') this.#port.postMessage({ type: 'pong' });
    else if (message.type === 'cancel') this.#running.get(message.id)?.abort();
    else {
      const work = this.#run(message).finally(() => this.#work.delete(work));
      this.#work.add(work);
    }
  }

  /** Where no worker ends and takes its memory along: cancels what runs, says nothing more, frees what the handlers hold. */
  async end() {
    this.#silent = true;
    for (const controller of this.#running.values()) controller.abort();
    await Promise.all(this.#work);
    if (!this.#poisoned) /** @type {any} */ (this.#handlers).release?.();
  }

  /**
   * Nothing can be trusted any more.
   * @param {unknown} error
   */
  poison(error) {
    if (this.#poisoned) return;
    this.#poisoned = true;
    if (this.#silent) return;
    let text;
    try {
      text = this.#panicText();
    } catch {
      // The first error tells enough.
    }
    this.#port.postMessage({ type: 'crashed', message: text || textOf(error) });
  }

  /** @param {any} request */
  async #run({ id, type, ...request }) {
    const controller = new AbortController();
    this.#running.set(id, controller);
    try {
      if (!Object.hasOwn(this.#handlers, type)) throw new Error(`There is no call ${type}.`);
      const handler = this.#handlers[/** @type {keyof Calls} */ (type)];
      const { value, transfer } = await handler(request, {
        signal: controller.signal,
        progress: (step, buffers) => this.#post({ id, type: 'progress', value: step }, buffers),
      });
      this.#post({ id, type: 'done', value }, transfer);
    } catch (error) {
      const code = /** @type {any} */ (error)?.code;
      if (typeof code === 'string') this.#post({ id, type: 'failed', code, message: textOf(error) });
      else this.poison(error);
    } finally {
      this.#running.delete(id);
    }
  }

  /**
   * @param {object} message
   * @param {Transferable[]} [transfer]
   */
  #post(message, transfer = []) {
    if (!this.#poisoned && !this.#silent) this.#port.postMessage(message, { transfer });
  }
}
