// What is asked of the network once the page is ready: by the page, by its workers, by its service worker.
//
// Two records make one. The service worker tells every request that it passes on, in most browsers those of workers too;
// what it answers from its cache is none. What does not go through it (on a first visit, or where there is no service
// worker) is in the page's own resource timing, which does not see what workers ask for.

const ROOT = new URL('../', import.meta.url).href;
/** The browser itself looks for a new version of it, once a visit. */
const SERVICE_WORKER = `${ROOT}sw.js`;

/**
 * One request that went to the network.
 * @typedef {object} Asked
 * @property {string} address relative to the page, where it is a part of it
 * @property {string} method
 * @property {boolean} isPart whether it fetched a part of this page, and sent nothing
 * @property {number} seconds since the page was ready
 */

export class RequestLog extends EventTarget {
  /** @type {Asked[]} */
  asked = [];
  /** Files that the service worker has stored during this visit. */
  nStored = 0;
  #since = 0;
  /** When the service worker took charge: from then on it sees everything. */
  #controlledSince = Infinity;

  /** Counts from now on; each change is an event `changed`. */
  start() {
    this.#since = performance.now();
    if (navigator.serviceWorker?.controller) this.#controlledSince = 0;
    navigator.serviceWorker?.addEventListener('controllerchange', () => {
      this.#controlledSince = Math.min(this.#controlledSince, performance.now());
      this.dispatchEvent(new Event('changed'));
    });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) this.#timed(/** @type {PerformanceResourceTiming} */ (entry));
    }).observe({ type: 'resource' });
    navigator.serviceWorker?.addEventListener('message', ({ data }) => {
      if (data?.type === 'asked') this.#add(data.url, data.method, performance.now());
      else if (data?.type === 'stored') this.nStored = data.n;
      this.dispatchEvent(new Event('changed'));
    });
  }

  /** Whether there is a service worker that sees what workers ask for. */
  get isWhole() {
    return Boolean(navigator.serviceWorker?.controller);
  }

  /** @param {PerformanceResourceTiming} entry */
  #timed({ name, startTime, workerStart, transferSize, decodedBodySize }) {
    const fromCache = transferSize === 0 && decodedBodySize > 0;
    if (workerStart > 0 || fromCache || startTime < this.#since || startTime > this.#controlledSince) return;
    if (!/^\w+:\/\//.test(name) || name === SERVICE_WORKER) return; // a blob of the page's own is none
    this.#add(name, 'GET', startTime);
  }

  /**
   * @param {string} url
   * @param {string} method
   * @param {number} time
   */
  #add(url, method, time) {
    const isPart = method === 'GET' && url.startsWith(ROOT);
    this.asked.push({ address: isPart ? url.slice(ROOT.length) : url, method, isPart, seconds: (time - this.#since) / 1000 });
    this.dispatchEvent(new Event('changed'));
  }
}
