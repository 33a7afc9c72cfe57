// @ts-check
/** The worker that holds an engine. */

import { textOf } from './errors.js';
import { engineHandlers } from './handlers.js';
import init, { Engine, build, panicText } from './pkg/engine.js';
import { Server } from './server.js';

try {
  await init({ module_or_path: new URL('./pkg/engine_bg.wasm', import.meta.url) });
  /** @type {Server<import('./protocol.d.ts').EngineCalls>} */
  const server = new Server(self, engineHandlers(Engine), { panicText });
  self.addEventListener('message', (event) => server.receive(event.data));
  self.addEventListener('messageerror', () => server.poison('a message of the page could not be read'));
  server.ready(build());
} catch (error) {
  self.postMessage({ type: 'crashed', message: textOf(error) });
}
