// The standard jobs in a real Chromium, ours and the peers in turns. Started by `cargo xtask bench`, which tells it
// where things are; prints a Markdown report, and writes the same figures as JSON where asked.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { coldStart, launch, openSubject } from './browser.js';
import { casesOf } from './cases.js';
import { writeModels } from './models.js';
import { startTorch } from './native.js';
import { JOBS } from '../../www/bench/networks.js';
import { report } from './report.js';
import { serve } from './server.js';
import { subjects } from './subjects.js';
import { mnistFolder, to99 } from './to-99.js';
import { measure, nameOf, spread } from './turns.js';

const { values: options } = parseArgs({
  options: {
    job: { type: 'string', multiple: true },
    task: { type: 'string', multiple: true },
    peer: { type: 'string', multiple: true },
    quick: { type: 'boolean' },
    json: { type: 'string' },
    /** Where xtask bound the crates to wasm. */
    rust: { type: 'string', default: '' },
  },
});

const root = fileURLToPath(new URL('../../', import.meta.url));
const places = { root, peers: join(root, 'benches/peers'), rust: options.rust };
const chosen = (/** @type {string[] | undefined} */ list, /** @type {string} */ name) => !list || list.includes(name);
const jobs = Object.keys(JOBS).filter((job) => chosen(options.job, job));
const pace = options.quick
  ? { warmUp: 300, budget: 150, rounds: 3, coldStarts: 3 }
  : { warmUp: 1500, budget: 400, rounds: 7, coldStarts: 9 };
/** Lines that the report ends with. @type {string[]} */
const remarks = [];
const tell = (/** @type {string} */ line) => {
  console.error(line);
  remarks.push(line);
};

/** What a table does not say. @type {string[]} */
const findings = [];
/** @type {import('./turns.js').Row[]} */
const rows = [];
const models = await mkdtemp(join(tmpdir(), 'ocelli-models-'));
await writeModels(join(root, 'www/lib/pkg'), models);
const mnist = mnistFolder();
const taking = subjects(places, (name) => chosen(options.peer, name), tell);
const server = await serve(
  {
    site: join(root, 'dist/site'),
    npm: join(root, 'dist/npm'),
    // The engine by itself, which the published library has inside.
    pkg: join(root, 'www/lib/pkg'),
    node_modules: join(places.peers, 'node_modules'),
    peers: places.rust,
    jobs: join(root, 'benches/jobs'),
    models,
    ...(mnist ? { mnist } : {}),
  },
  taking,
);
const browser = await launch();
const torch = chosen(options.peer, 'pytorch') ? await startTorch(join(places.peers, 'torch_subject.py')) : null;
if (!torch && chosen(options.peer, 'pytorch')) tell('pytorch is left out: python3 with torch is not here');

try {
  const runners = [];
  for (const subject of taking) {
    try {
      runners.push({ subject, runner: await openSubject(browser, server.url, subject) });
    } catch (error) {
      tell(`${subject.name} is left out: ${error instanceof Error ? error.message.split('\n')[0] : error}`);
    }
  }
  for (const task of casesOf(jobs, (name) => chosen(options.task, name))) {
    /** @type {import('./turns.js').Runner[]} */
    const able = runners.filter(({ subject }) => task.takes(subject)).map(({ runner }) => runner);
    if (torch) able.push(torch);
    console.error(nameOf(task.case));
    const nClasses = JOBS[task.case.job]?.network.nClasses ?? 0;
    rows.push(...(await measure(task.case, able, pace, nClasses, tell)));
  }
  await Promise.all(runners.map(({ runner }) => runner.close()));
  if (jobs.includes('M1')) {
    if (chosen(options.task, 'memory')) rows.push(...(await memory()));
    if (chosen(options.task, 'cold-start')) rows.push(...(await coldStarts()));
  }
  if (chosen(options.task, 'to-99') && !options.job) {
    const outcome = await to99(browser, server.url, taking[0]?.version ?? '', tell);
    rows.push(...outcome.rows);
    findings.push(...outcome.lines);
  }
} finally {
  torch?.close();
  await browser.close();
  server.stop();
  await rm(models, { recursive: true, force: true });
}

const machine = `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores`;
const date = new Date().toISOString().slice(0, 10);
console.log(report(rows, { machine, date, findings, remarks, quick: options.quick ?? false }));
if (options.json) await writeFile(options.json, `${JSON.stringify(rows, null, 1)}\n`);

/** What WebAssembly's memories of a fresh tab have grown to after some training, or a prediction. */
async function memory() {
  const found = [];
  for (const subject of taking.filter(({ module }) => module !== 'convnetjs')) {
    for (const task of /** @type {const} */ (['train', 'predict'])) {
      if (task === 'train' && (!subject.trains || subject.slow)) continue;
      const batch = task === 'train' ? 32 : 1;
      const runner = await openSubject(browser, server.url, subject);
      try {
        // No workers: in the page itself, where its memory can be seen.
        await runner.prepare({ job: 'M1', task, optimizer: 'adam', batch, workers: 0 }, 500);
        const bytes = await runner.heap();
        if (bytes === 0) continue;
        const { name, version } = subject;
        const unit = 'MB';
        found.push({ job: 'M1', task: `memory-${task}`, batch, workers: 1, subject: name, version, unit, ...spread([bytes / 1e6]) });
      } catch (error) {
        tell(`memory of ${subject.name}: ${error instanceof Error ? error.message.split('\n')[0] : error}`);
      } finally {
        await runner.close();
      }
    }
  }
  return found;
}

/** Navigation to first prediction, in turns, and what each had to transfer for it. */
async function coldStarts() {
  const found = [];
  const entries = taking.map((subject) => ({ subject, times: /** @type {number[]} */ ([]), bytes: 0, failed: false }));
  // The first round warms the browser itself and does not count.
  for (let round = 0; round <= pace.coldStarts; round += 1) {
    for (const entry of entries.filter(({ failed }) => !failed)) {
      server.weigh();
      try {
        const milliseconds = await coldStart(browser, server.url, entry.subject.name);
        entry.bytes = server.weigh();
        if (round > 0) entry.times.push(milliseconds);
      } catch (error) {
        entry.failed = true;
        tell(`cold start of ${entry.subject.name}: ${error instanceof Error ? error.message.split('\n')[0] : error}`);
      }
    }
  }
  for (const { subject, times, bytes } of entries.filter(({ failed }) => !failed)) {
    const common = { job: 'M1', batch: 1, workers: 1, subject: subject.name, version: subject.version };
    found.push({ ...common, task: 'cold-start', unit: 'ms', ...spread(times) });
    found.push({ ...common, task: 'transfer', unit: 'kB gzip', ...spread([bytes / 1000]) });
  }
  return found;
}
