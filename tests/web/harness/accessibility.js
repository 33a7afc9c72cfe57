// axe-core in the page: what keeps people out.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { inPage } from './engines.js';

const source = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * The violations of the page as it stands once its transitions have ended, one line each.
 * @param {import('./engines.js').Tab} tab
 * @returns {Promise<string[]>}
 */
export async function violations(tab) {
  await tab.run(`(() => { if (!globalThis.axe) { ${source} } })()`);
  // A button on its way from disabled to enabled has a color that nobody reads by. A canceled transition is over, too.
  await inPage(tab, () => Promise.allSettled(document.getAnimations().map(({ finished }) => finished)).then(() => true));
  return tab.run(`axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
    violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ target, failureSummary }) => id + ': ' + help + ' at ' + target + '. ' + failureSummary)))`);
}
