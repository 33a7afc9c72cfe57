// Tasks of the page's main thread over 50 ms, as the browser itself tells them (Chromium does).

import { inPage } from './engines.js';

/** From now on the page's long tasks are kept. @param {import('./engines.js').Tab} tab */
export function watchLongTasks(tab) {
  return inPage(tab, () => {
    const memory = /** @type {any} */ (globalThis);
    if (memory.longTasks) return;
    memory.longTasks = [];
    if (!PerformanceObserver.supportedEntryTypes.includes('longtask')) return;
    new PerformanceObserver((list) => {
      memory.longTasks.push(...list.getEntries().map(({ startTime, duration }) => ({ startTime, duration })));
    }).observe({ type: 'longtask' });
  });
}

/** Those since the last call. @param {import('./engines.js').Tab} tab @returns {Promise<{ startTime: number, duration: number }[]>} */
export const longTasksSince = (tab) => inPage(tab, () => /** @type {any} */ (globalThis).longTasks.splice(0));
