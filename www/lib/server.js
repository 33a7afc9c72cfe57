// @ts-check
/**
 * The worker's side of the wire: takes requests, runs their handlers, answers each exactly once.
 *
 * An error with a code of ours is an answer. Any other means that the instance is in a state nobody knows (a panic, a
 * trap, no memory): it is poisoned, says so once, and nothing more.
 */

import { textOf } from './errors.js';
import { LIB } from './pkg/build.js';

/**
 * Adds handlers before a call that needs them.
 * @typedef {(handlers: object, type: string, signal: AbortSignal) => Promise<void>} More
 */

/**
 * Serves the page from this worker, once its engine has come: compiled, or where the page may not compile, its address.
 * @template {import('./protocol.d.ts').CallTable<Calls>} Calls
 * @param {object} engine
 * @param {(options: { module: WebAssembly.Module, rest?: string | false }) => unknown} engine.init
 * @param {() => import('./protocol.d.ts').Handlers<any>} engine.handlers
 * @param {() => string} engine.build of the wasm; the scripts' own is put to it
 * @param {() => string | undefined} engine.panicText
 * @param {(from: import('./protocol.d.ts').EngineMessage) => More} [engine.more]
 */
export async function serve({ init, handlers, build, panicText, more }) {
  try {
    /** @type {import('./protocol.d.ts').EngineMessage} */
    const message = await new Promise((resolve) => self.addEventListener('message', ({ data }) => resolve(data), { once: true }));
    message.module ??= await compiledAt(message.wasm);
    await init(/** @type {any} */ (message));
    /** @type {Server<Calls>} */
    const server = new Server(self, handlers(), { panicText, more: more?.(message) });
    self.addEventListener('message', (event) => server.receive(event.data));
    self.addEventListener('messageerror', () => server.poison('a message of the page could not be read'));
    server.ready(`${build()}-${LIB}`);
  } catch (error) {
    self.postMessage({ type: 'crashed', message: textOf(error) });
  }
}

/**
 * @param {string | false | undefined} url
 * @returns {Promise<WebAssembly.Module>}
 */
async function compiledAt(url) {
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
  #more;
  /** By the id of the call. @type {Map<number, AbortController>} */
  #running = new Map();
  #poisoned = false;

  /**
   * @param {import('./protocol.d.ts').Port} port
   * @param {import('./protocol.d.ts').Handlers<Calls>} handlers
   * @param {object} engine
   * @param {() => string | undefined} engine.panicText tells the first panic's text, if there was one
   * @param {More} [engine.more]
   */
  constructor(port, handlers, { panicText, more }) {
    this.#port = port;
    this.#handlers = handlers;
    this.#panicText = panicText;
    this.#more = more;
  }

  /** @param {string} build */
  ready(build) {
    this.#port.postMessage({ type: 'ready', build });
  }

  /** @param {any} message a {@link import('./protocol.d.ts').Request} */
  receive(message) {
    if (this.#poisoned) return;
    if (message.type === 'ping') this.#port.postMessage({ type: 'pong' });
    else if (message.type === 'cancel') this.#running.get(message.id)?.abort();
    else this.#run(message);
  }

  /**
   * Nothing can be trusted any more.
   * @param {unknown} error
   */
  poison(error) {
    if (this.#poisoned) return;
    this.#poisoned = true;
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
      if (this.#more) {
        await this.#more(this.#handlers, type, controller.signal);
        if (this.#poisoned) return;
      }
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
    if (!this.#poisoned) this.#port.postMessage(message, { transfer });
  }
}
