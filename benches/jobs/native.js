// PyTorch in a process of its own, as a subject like the pages.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { JOBS } from '../../www/bench/networks.js';

/**
 * Starts it; `null` where Python or PyTorch is not there.
 * @param {string} script
 */
export async function startTorch(script) {
  const child = spawn('python3', [script], { stdio: ['pipe', 'pipe', 'ignore'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  child.on('error', () => {}); // no Python: the first answer does not come
  child.stdin.on('error', () => {});
  const ask = async (/** @type {object} */ request) => {
    child.stdin.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error('PyTorch ended');
    return JSON.parse(value);
  };
  try {
    const { version } = await ask({ type: 'start' });
    return {
      name: 'pytorch',
      version,
      /** @param {any} task @param {number} warmUp */
      prepare: (task, warmUp) => ask({ type: 'prepare', case: { ...task, network: JOBS[task.job]?.network }, warmUp }),
      /** @param {number} budget */
      measure: (budget) => ask({ type: 'measure', budget }),
      release: () => ask({ type: 'release' }),
      close: () => child.stdin.end(),
    };
  } catch {
    return null;
  }
}
