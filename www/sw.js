// The service worker: after the first visit the page works offline.
//
// One cache per build, filled all or not at all, so script and wasm of two builds never meet: a new build is
// installed beside the old one and takes over only when no tab of the old one is open. What a visit may never need
// (training and its sample, the picture decoder) is kept when it is first asked for.

/** The build fills the brackets: `{ build, files }`, paths relative to this file. */
const PRECACHE = /** @type {{ build: string, files: string[] } | undefined} */ ([/*PRECACHE*/][0]);
const PREFIX = 'ocelli-';
const CACHE = `${PREFIX}${PRECACHE?.build ?? 'none'}`;
/** Kept on first use, not installed ahead. */
const LAZY = /^(bench\/|docs\/|examples\/|words\/(?!en\.|index\.)|data\/|models\/photos|vendor\/|css\/later|ui\/later|lib\/(classifier-later|dataset-files|decod|element|gan-|generator|load-progress|predict-many|ocelli-later|reading|inference-|worker-)|lib\/pkg\/(decode|engine))|\.map$/;

const worker = /** @type {any} */ (self);
const scope = new URL('./', worker.location.href);

/** Fills this build's cache; throws, and so leaves the old build in charge, when one file is missing or of another build. */
async function install() {
  if (!PRECACHE) return;
  const cache = await caches.open(CACHE);
  try {
    const files = PRECACHE.files.filter((file) => !LAZY.test(file) && file !== 'sw.js');
    const requests = [...new Set(['./', ...files])].map((file) => new Request(new URL(file, scope), { cache: 'no-cache' }));
    await cache.addAll(requests);
    const stamp = await cache.match(new URL('lib/pkg/build.js', scope));
    if (stamp && !(await stamp.text()).includes(PRECACHE.build)) throw new Error('the server is between two builds');
    const windows = await worker.clients.matchAll({ includeUncontrolled: true });
    for (const window of windows) window.postMessage({ type: 'stored', n: requests.length });
  } catch (error) {
    await caches.delete(CACHE);
    throw error;
  }
}

/** Removes the caches of older builds; on the very first visit takes charge of the open page at once. */
async function activate() {
  const names = await caches.keys();
  const older = names.filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(older.map((name) => caches.delete(name)));
  if (older.length === 0) await worker.clients.claim();
}

/**
 * Tells the page of a request that goes to the network, for its counter. Of a worker nobody knows which window it belongs
 * to: all are told.
 * @param {any} event
 */
async function tell({ request, clientId }) {
  const client = clientId && (await worker.clients.get(clientId));
  const windows = client?.type === 'window' ? [client] : await worker.clients.matchAll();
  for (const window of windows) window.postMessage({ type: 'asked', url: request.url, method: request.method });
}

/**
 * The cached answer of this build, else the network's; what comes from the network is kept when it belongs to the page.
 * @param {any} event
 */
async function answer(event) {
  const { request } = event;
  const cache = await caches.open(CACHE);
  const cached = await cache.match(request, { ignoreSearch: true });
  if (cached) return cached;
  if (request.mode !== 'navigate') event.waitUntil(tell(event));
  const response = await fetch(request);
  const path = request.url.slice(scope.href.length);
  if (response.ok && response.status === 200 && LAZY.test(path)) {
    await cache.put(request, response.clone()).catch(() => undefined);
  }
  return response;
}

worker.addEventListener('install', (/** @type {any} */ event) => event.waitUntil(install()));
worker.addEventListener('activate', (/** @type {any} */ event) => event.waitUntil(activate()));
worker.addEventListener('fetch', (/** @type {any} */ event) => {
  const { request } = event;
  if (PRECACHE && request.method === 'GET' && request.url.startsWith(scope.href)) event.respondWith(answer(event));
  else if (request.mode !== 'navigate') event.waitUntil(tell(event));
});
