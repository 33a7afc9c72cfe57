// axe-core in the page: what keeps people out.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const source = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * The violations of the page as it stands, one line each.
 * @param {import('./engines.js').Tab} tab
 * @returns {Promise<string[]>}
 */
export async function violations(tab) {
  await tab.run(`(() => { if (!globalThis.axe) { ${source} } })()`);
  return tab.run(`axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
    violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ target, failureSummary }) => id + ': ' + help + ' at ' + target + '. ' + failureSummary)))`);
}
