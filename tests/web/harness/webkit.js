// WebKit (WebKitGTK's MiniBrowser) by its W3C WebDriver, on a screen that exists in memory only.
//
// W3C WebDriver without extensions has no console and no requests: `problems` are what the page itself can see,
// `urls` what its performance entries say.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { watch } from './watch.js';

const BROWSER = process.env.MINIBROWSER ?? '/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser';
/** The name a W3C answer gives an element's id. */
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';
/** Longest wait for the driver to answer, in ms. */
const START_PATIENCE = 20_000;
/** W3C names of the keys that tests press. @type {Record<string, string>} */
const KEYS = {
  Tab: '\uE004', Enter: '\uE007', Shift: '\uE008', Control: '\uE009', Escape: '\uE00C', ' ': ' ',
  End: '\uE010', Home: '\uE011', Delete: '\uE017',
  ArrowLeft: '\uE012', ArrowUp: '\uE013', ArrowRight: '\uE014', ArrowDown: '\uE015',
};

/** @returns {Promise<import('./engines.js').Tab>} */
export async function openWebKit() {
  const home = await mkdtemp(join(tmpdir(), 'ocelli-webkit-'));
  const screen = process.env.DISPLAY ? null : await startScreen();
  const port = await freePort();
  const driver = spawn('WebKitWebDriver', [`--port=${port}`, '--host=127.0.0.1'], {
    stdio: 'ignore',
    detached: true,
    env: {
      ...process.env,
      DISPLAY: process.env.DISPLAY ?? screen?.display,
      // Nothing of the user's settings, and nothing left behind.
      HOME: home,
      XDG_RUNTIME_DIR: home,
      GDK_BACKEND: 'x11',
      GSETTINGS_BACKEND: 'memory',
      NO_AT_BRIDGE: '1',
      WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1',
    },
  });
  const ended = once(driver, 'exit').catch((error) => error);
  const close = async () => {
    if (driver.pid && driver.exitCode === null && driver.signalCode === null) process.kill(-driver.pid);
    await ended;
    screen?.child.kill();
    await rm(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  };

  /**
   * @param {string} method
   * @param {string} path
   * @param {object} [body]
   */
  const ask = async (method, path, body) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      ...(body && { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
    });
    const { value } = /** @type {any} */ (await response.json());
    if (!response.ok) throw new Error(`${method} ${path}: ${value?.error}: ${value?.message}`);
    return value;
  };

  try {
    await answering(() => ask('GET', '/status'), driver);
    const { sessionId } = await ask('POST', '/session', {
      capabilities: { alwaysMatch: { 'webkitgtk:browserOptions': { binary: BROWSER, args: ['--automation'] } } },
    });
    const session = `/session/${sessionId}`;
    await ask('POST', `${session}/timeouts`, { script: 180_000, pageLoad: 60_000 });
    const tab = drive((method, path, body) => ask(method, session + path, body));
    await tab.resize(1280, 900);
    return {
      ...tab,
      async close() {
        await ask('DELETE', session).catch(() => undefined);
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * @param {(method: string, path: string, body?: object) => Promise<any>} ask
 * @returns {import('./engines.js').Tab}
 */
function drive(ask) {
  const run = async (/** @type {string} */ source) => {
    const script = `
      const answer = arguments[arguments.length - 1];
      Promise.resolve().then(() => (${source})).then(
        (value) => answer({ value }),
        (error) => answer({ error: String(error?.stack ?? error) }));`;
    const { value, error } = await ask('POST', '/execute/async', { script, args: [] });
    if (error) throw new Error(error);
    return value;
  };
  const find = async (/** @type {string} */ value) =>
    (await ask('POST', '/element', { using: 'css selector', value }))[ELEMENT];
  const actions = async (/** @type {object} */ source) => {
    try {
      await ask('POST', '/actions', { actions: [source] });
    } catch (error) {
      // A pen that was left down would spoil what comes next.
      await ask('DELETE', '/actions').catch(() => undefined);
      throw error;
    }
  };

  return {
    async open(url) {
      await ask('POST', '/url', { url });
      await run(`(${watch})()`);
    },
    run,
    async pointer(path, kind = 'mouse') {
      const steps = path.map((step) => {
        if (step.type === 'move') return { type: 'pointerMove', duration: 0, origin: 'viewport', x: step.x, y: step.y };
        return { type: step.type === 'down' ? 'pointerDown' : 'pointerUp', button: 0 };
      });
      await actions({ type: 'pointer', id: kind, parameters: { pointerType: kind }, actions: steps });
    },
    click: async (selector) => ask('POST', `/element/${await find(selector)}/click`, {}),
    press: (key, held = []) => {
      const values = [...held, key].map((name) => KEYS[name] ?? name);
      const down = values.map((value) => ({ type: 'keyDown', value }));
      const up = values.reverse().map((value) => ({ type: 'keyUp', value }));
      return actions({ type: 'key', id: 'keyboard', actions: [...down, ...up] });
    },
    choose: async (selector, paths) =>
      ask('POST', `/element/${await find(selector)}/value`, { text: paths.join('\n') }),
    async resize(width, height) {
      // The window's frame takes some of it: once more with the difference.
      const wish = { width, height };
      for (let turn = 0; turn < 2; turn += 1) {
        await ask('POST', '/window/rect', wish);
        const [w, h] = await run('[innerWidth, innerHeight]');
        wish.width += width - w;
        wish.height += height - h;
      }
    },
    urls: () => run('performance.getEntries().map(({ name }) => name).filter((name) => /^[a-z]+:/.test(name))'),
    problems: () => run('globalThis.ocelliProblems ?? []'),
    screenshot: async () => Buffer.from(await ask('GET', '/screenshot'), 'base64'),
    close: async () => undefined,
  };
}

/** An X server without a screen; it picks its own number and tells it. */
async function startScreen() {
  const args = ['-displayfd', '3', '-screen', '0', '1600x1200x24', '-nolisten', 'tcp'];
  const child = spawn('Xvfb', args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  const pipe = /** @type {import('node:stream').Readable} */ (child.stdio[3]);
  const failed = once(child, 'exit').then(() => Promise.reject(new Error('Xvfb did not start')));
  const [number] = await Promise.race([once(pipe, 'data'), failed]);
  failed.catch(() => undefined);
  return { child, display: `:${String(number).trim()}` };
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });
}

/**
 * Waits until the driver answers.
 * @param {() => Promise<any>} status
 * @param {import('node:child_process').ChildProcess} driver
 */
async function answering(status, driver) {
  const deadline = Date.now() + START_PATIENCE;
  for (;;) {
    try {
      return await status();
    } catch (error) {
      if (driver.exitCode !== null || Date.now() > deadline) throw new Error('WebKitWebDriver did not start', { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
}
