// The service worker over stand-ins for a browser's caches and network.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import vm from 'node:vm';

const SOURCE = readFileSync(new URL('../../www/sw.js', import.meta.url), 'utf8');
const SCOPE = 'https://example.org/sub/';

/** A browser that knows caches, with a server of the files given. */
function browser(served) {
  const stores = new Map();
  const asked = [];
  const fetch = async (request) => {
    asked.push(request.url.slice(SCOPE.length));
    const text = served[request.url.slice(SCOPE.length)];
    return text === undefined ? new Response('no', { status: 404 }) : new Response(text);
  };
  const urlOf = (request) => (request instanceof URL ? request.href : request.url).replace(/\?.*/, '');
  const open = async (name) => {
    if (!stores.has(name)) stores.set(name, new Map());
    const store = stores.get(name);
    return {
      addAll: async (requests) => {
        const answers = await Promise.all(requests.map(fetch));
        if (answers.some((answer) => !answer.ok)) throw new TypeError('a file is missing');
        requests.forEach((request, index) => store.set(request.url, answers[index]));
      },
      match: async (request) => store.get(urlOf(request))?.clone(),
      put: async (request, answer) => void store.set(urlOf(request), answer),
    };
  };
  const caches = { open, keys: async () => [...stores.keys()], delete: async (name) => stores.delete(name) };
  /** Runs one build's service worker; its events are called by name. */
  const start = (build, files) => {
    const listeners = {};
    const windows = ['window-1', 'window-2'].map((id) => {
      const told = [];
      return { id, type: 'window', told, postMessage: (message) => void told.push(message) };
    });
    const self = {
      location: { href: `${SCOPE}sw.js` },
      clients: {
        claimed: false,
        claim: async () => void (self.clients.claimed = true),
        get: async (id) => (id.startsWith('window') ? windows.find((window) => window.id === id) : { id, type: 'worker' }),
        matchAll: async () => windows,
      },
      addEventListener: (name, listener) => (listeners[name] = listener),
    };
    const source = SOURCE.replace('/*PRECACHE*/', JSON.stringify({ build, files }));
    vm.runInNewContext(source, { self, caches, fetch, URL, Request, Response, Error, Set, Promise });
    return {
      clients: self.clients,
      /** What each window was told, taken away. */
      told: () => windows.map((window) => window.told.splice(0)),
      run: (name) => new Promise((resolve) => listeners[name]({ waitUntil: resolve })),
      get: (path) =>
        new Promise((respondWith) => listeners.fetch({ request: new Request(SCOPE + path), clientId: '', waitUntil() {}, respondWith })).then((answer) => answer.text()),
      /** Everything that one request leads to. */
      ask: async (request, clientId) => {
        const work = [];
        listeners.fetch({ request, clientId, waitUntil: (promise) => work.push(promise), respondWith: (promise) => work.push(promise) });
        await work[0];
        await Promise.all(work);
      },
    };
  };
  return { start, caches, asked };
}

const FILES = ['index.html', 'lib/index.js', 'lib/pkg/build.js', 'data/sample.gz', 'sw.js'];
const site = (build) => ({ '': 'page', 'index.html': 'page', 'lib/index.js': `lib ${build}`, 'lib/pkg/build.js': build, 'data/sample.gz': 'sample' });

test('after installing, the page comes from the cache and the sample is kept at first use', async () => {
  const { start, asked } = browser(site('one'));
  const worker = start('one', FILES);
  await worker.run('install');
  await worker.run('activate');
  assert.equal(worker.clients.claimed, true);
  assert.ok(!asked.includes('data/sample.gz'));
  asked.length = 0;
  assert.equal(await worker.get('?x=1'), 'page');
  assert.equal(await worker.get('lib/index.js'), 'lib one');
  assert.deepEqual(asked, []);
  await worker.get('data/sample.gz');
  assert.equal(await worker.get('data/sample.gz'), 'sample');
  assert.deepEqual(asked, ['data/sample.gz']);
});

test('what goes to the network is told to the window that asked, a worker’s to all, and what is kept to nobody', async () => {
  const { start } = browser(site('one'));
  const worker = start('one', FILES);
  await worker.run('install');
  assert.deepEqual(worker.told().map((messages) => messages.map(({ type, n }) => [type, n])), [[['stored', 4]], [['stored', 4]]]);
  await worker.run('activate');
  const of = (path, init) => new Request(new URL(path, SCOPE), init);
  const asked = (path, method = 'GET') => ({ type: 'asked', url: new URL(path, SCOPE).href, method });
  const plain = () => worker.told().map((messages) => messages.map((message) => ({ ...message })));
  await worker.ask(of('data/sample.gz'), 'window-2');
  assert.deepEqual(plain(), [[], [asked('data/sample.gz')]]);
  await worker.ask(of('data/sample.gz'), 'window-2');
  await worker.ask(of('lib/index.js'), 'worker-1');
  assert.deepEqual(plain(), [[], []]);
  await worker.ask(of('lib/none.js'), 'worker-1');
  assert.deepEqual(plain(), [[asked('lib/none.js')], [asked('lib/none.js')]]);
  await worker.ask(of('https://elsewhere.example/', { method: 'POST', body: 'x' }), 'window-1');
  assert.deepEqual(plain(), [[asked('https://elsewhere.example/', 'POST')], []]);
});

test('a build of which one file is missing, or of another build, is not installed', async () => {
  for (const served of [{ ...site('two'), 'lib/index.js': undefined }, site('one')]) {
    const { start, caches } = browser(served);
    const worker = start('two', FILES);
    await assert.rejects(worker.run('install'), /missing|between two builds/);
    assert.deepEqual(await caches.keys(), []);
  }
});

test('a new build keeps to its own files, and the old ones go when it takes over', async () => {
  const served = site('one');
  const { start, caches } = browser(served);
  const one = start('one', FILES);
  await one.run('install');
  await one.run('activate');
  Object.assign(served, site('two'));
  const two = start('two', FILES);
  await two.run('install');
  assert.equal(await one.get('lib/index.js'), 'lib one');
  assert.equal(await two.get('lib/index.js'), 'lib two');
  await two.run('activate');
  assert.deepEqual(await caches.keys(), ['ocelli-two']);
  assert.equal(two.clients.claimed, false);
});
