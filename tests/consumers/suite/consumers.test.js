// Apps of every kind, built from the packed package and driven in Chromium. Each does the same job: predict a drawing and
// a picture file, learn from two examples, save, close. `docs/` tells what each needed.

import assert from 'node:assert/strict';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { violations } from '../../web/harness/accessibility.js';
import { draw, inPage, openTab, until } from '../../web/harness/engines.js';
import { HERE, OUT, addModel, host, installPackage, pages, run } from './build.js';

const WHOLE = { drawn: '1', file: '1', trained: 'finished', saved: true, judged: 2, explained: true };
const APPS = join(HERE, 'apps');

let tab;
let tarball;
let plain;

before(async () => {
  tarball = await installPackage();
  plain = await pages();
  tab = await openTab();
});
after(() => tab?.close());

/** What the app came to: from its promise, or from its element. */
async function answerAt(url) {
  const before = (await tab.problems()).length;
  await tab.open(url);
  const answer = await inPage(tab, async () => {
    const page = /** @type {any} */ (globalThis);
    const end = performance.now() + 60_000;
    while (performance.now() < end) {
      const told = page.answer ?? document.getElementById('told')?.textContent;
      if (typeof told === 'string' && told) return JSON.parse(told);
      if (told) return Promise.resolve(told).catch((error) => `${error.code}: ${error.message}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return `no answer: ${JSON.stringify(page.ocelliProblems)}`;
  });
  const problems = (await tab.problems()).slice(before);
  return { answer, problems };
}

/** Serves a folder, opens the app in it, and expects the whole job done. */
async function works(folder, { page = '', path, headers, expected = WHOLE, quiet = false } = {}) {
  await using(await host(folder, { path, headers }), async ({ url }) => {
    const { answer, problems } = await answerAt(url + page);
    assert.deepEqual(answer, expected, problems.join('\n'));
    if (quiet) assert.deepEqual(problems, []);
  });
}

async function using(server, work) {
  try {
    await work(server);
  } finally {
    await server.close();
  }
}

test('no bundler: an import map', () => works(join(plain, 'plain')));

test('the five calls load the scripts that the size report counts, and no others', async () => {
  const main = `import { Classifier } from './ocelli/index.js';
    const line = (x, y) => ({ strokes: [[{ x: 0, y: 0 }, { x, y }]] });
    const classifier = await Classifier.load('digits.safetensors');
    await classifier.predict(line(0, 40));
    await classifier.addExample(line(0, 40), '1');
    await classifier.addExample(line(40, 0), '7');
    await classifier.train({ epochs: 2, batchSize: 2, validationSplit: 0, workers: 2 });
    globalThis.answer = (await classifier.save()).size > 100_000;`;
  await writeFile(join(plain, 'strict/five.js'), main);
  await writeFile(join(plain, 'strict/five.html'), '<!doctype html><title>Five</title><script type="module" src="./five.js"></script>');
  await using(await host(join(plain, 'strict')), async ({ url, log }) => {
    assert.deepEqual((await answerAt(`${url}five.html`)).answer, true);
    const scripts = [...log].filter((name) => name.startsWith('ocelli/') && name.endsWith('.js'));
    assert.deepEqual(scripts.filter((name) => !/^ocelli\/(index|ocelli-shared\d|worker)\.js$/.test(name)), []);
    assert.ok(scripts.includes('ocelli/worker.js'), String(scripts));
  });
});

test('served from a sub-path', () => works(join(plain, 'plain'), { path: '/some/where/' }));

test("a policy of script-src 'self' 'wasm-unsafe-eval'", () =>
  works(join(plain, 'strict'), {
    headers: { 'Content-Security-Policy': "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'" },
  }));

test('Trusted Types demanded', () =>
  works(join(plain, 'strict'), {
    quiet: true,
    headers: { 'Content-Security-Policy': "require-trusted-types-for 'script'; trusted-types ocelli" },
  }));

test('the one file under Trusted Types', () =>
  works(join(plain, 'strict'), {
    page: 'inline.html',
    quiet: true,
    headers: { 'Content-Security-Policy': "require-trusted-types-for 'script'; trusted-types ocelli" },
  }));

test('cross-origin isolated', () =>
  works(join(plain, 'strict'), {
    headers: { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' },
  }));

test('the one file, without a bundler', () => works(join(plain, 'strict'), { page: 'inline.html' }));

test('a sandboxed frame', () => works(join(plain, 'strict'), { page: 'sandbox.html', headers: { 'Access-Control-Allow-Origin': '*' } }));

test('the package on another origin', async () => {
  await using(await host(join(plain, 'plain/ocelli'), { headers: { 'Access-Control-Allow-Origin': '*' } }), async (cdn) => {
    const html = await readFile(join(APPS, 'plain/index.html'), 'utf8');
    await writeFile(join(plain, 'plain/cdn.html'), html.replace('./ocelli/', cdn.url));
    await works(join(plain, 'plain'), { page: 'cdn.html' });
  });
});

for (const kind of ['worker', 'shared', 'service']) {
  test(`inside a ${kind} worker`, () => works(join(plain, 'workers'), { page: `${kind}.html` }));
}

test('the elements: a digit drawn, a picture told, both values of the form, nothing amiss for assistive technology', async () => {
  await using(await host(join(plain, 'element')), async ({ url }) => {
    const before = (await tab.problems()).length;
    await tab.open(url);
    await inPage(tab, () => customElements.whenDefined('digit-pad').then(() => true));
    await draw(tab, 'digit-pad', [[[0.5, 0.15], [0.5, 0.3], [0.5, 0.45], [0.5, 0.6]]]);
    await until(tab, 'the digit', () => /** @type {any} */ (document.querySelector('digit-pad')).value === '1');
    const told = await inPage(tab, async () => {
      const element = /** @type {any} */ (document.querySelector('image-classifier'));
      const answers = [];
      element.addEventListener('prediction', (event) => answers.push(event.detail.classes.length));
      const canvas = Object.assign(document.createElement('canvas'), { width: 60, height: 60 });
      const context = canvas.getContext('2d');
      context.fillRect(0, 0, 60, 60);
      context.fillStyle = 'white';
      context.fillRect(27, 8, 6, 44);
      await element.classify(canvas);
      return { answers, rows: element.shadowRoot.querySelectorAll('[part=row]').length, form: [...new FormData(document.forms[0])] };
    });
    assert.deepEqual(told, { answers: [2], rows: 2, form: [['digit', '1'], ['picture', '1']] });
    if (process.env.OCELLI_SHOTS) await writeFile(join(OUT, 'elements.png'), await tab.screenshot());
    assert.deepEqual(await violations(tab), []);
    const cleared = await inPage(tab, () => {
      document.forms[0].reset();
      return [...new FormData(document.forms[0])];
    });
    assert.deepEqual(cleared, []);
    assert.deepEqual((await tab.problems()).slice(before), []);
  });
});

async function vite(app) {
  const out = join(OUT, app);
  await run('vite', ['build', '--outDir', out, '--base', './', '--logLevel', 'warn'], join(APPS, app));
  return addModel(out);
}

test('Vite, built', async () => works(await vite('vite')));

test('Vite, without training: neither its scripts nor its wasm come along', async () => {
  const folder = await vite('inference');
  const names = await readdir(join(folder, 'assets'));
  assert.ok(names.some((name) => name.startsWith('inference_bg')), names.join());
  assert.ok(!names.some((name) => /^(engine|worker-|gan-worker)/.test(name)), names.join());
  await works(folder, { expected: { drawn: '1', file: '1' } });
});

test('Vite, in development', async () => {
  const { createServer } = await import(join(HERE, 'node_modules/vite/dist/node/index.js'));
  const server = await createServer({ root: join(APPS, 'vite'), logLevel: 'error', server: { host: 'localhost' }, publicDir: join(plain, 'plain') });
  await server.listen(0);
  await using(server, async () => {
    const { answer, problems } = await answerAt(server.resolvedUrls.local[0]);
    assert.deepEqual(answer, WHOLE, problems.join('\n'));
  });
});

for (const app of ['react', 'vue', 'svelte']) {
  test(`a component in ${app}`, async () => works(await vite(app)));
}

test("the guide's draw pad in React", async () => {
  const [, component] = /^```jsx\n(.*?)^```$/ms.exec(await readFile(join(HERE, '../../docs/guide.md'), 'utf8')) ?? [];
  const app = join(OUT, 'guide');
  await mkdir(app, { recursive: true });
  await writeFile(join(app, 'Digit.jsx'), component);
  await writeFile(
    join(app, 'main.jsx'),
    `import { createRoot } from 'react-dom/client';
    import { Digit } from './Digit.jsx';
    createRoot(document.getElementById('app')).render(<Digit onDigit={(digit) => (globalThis.digit = digit)} />);`,
  );
  await writeFile(join(app, 'index.html'), await readFile(join(APPS, 'react/index.html'), 'utf8'));
  await run('vite', ['build', '--outDir', join(OUT, 'guide-built'), '--base', './', '--logLevel', 'warn'], app);
  await using(await host(join(OUT, 'guide-built')), async ({ url }) => {
    await tab.open(url);
    await until(tab, 'the element', () => Boolean(document.querySelector('digit-pad')?.shadowRoot));
    await draw(tab, 'digit-pad', [[[0.5, 0.15], [0.5, 0.3], [0.5, 0.45], [0.5, 0.6]]]);
    await until(tab, 'the digit', () => /** @type {any} */ (globalThis).digit === '1');
  });
});

async function withPage(app, script = './main.js') {
  const html = await readFile(join(APPS, app, 'index.html'), 'utf8');
  await writeFile(join(OUT, app, 'index.html'), html.replace('./main.js', script));
  return addModel(join(OUT, app));
}

const webpack = (...args) => run('webpack', ['./main.js', '--mode', 'production', '--output-path', join(OUT, 'webpack'), ...args], join(APPS, 'webpack'));

test('webpack', async () => {
  await webpack();
  await works(await withPage('webpack'));
});

test('webpack, with its output on another origin', async () => {
  await using(await host(join(OUT, 'webpack'), { headers: { 'Access-Control-Allow-Origin': '*' } }), async (cdn) => {
    await webpack('--output-public-path', cdn.url);
    const { url: script } = cdn;
    const html = (await readFile(join(APPS, 'webpack/index.html'), 'utf8')).replace('./main.js', `${script}main.js`);
    await writeFile(join(plain, 'plain/webpack.html'), html);
    await works(join(plain, 'plain'), { page: 'webpack.html' });
  });
});

test('Rollup', async () => {
  const out = join(OUT, 'rollup');
  await run('rollup', ['main.js', '--plugin', 'node-resolve', '--dir', out, '--silent'], join(APPS, 'rollup'));
  await works(await withPage('rollup'));
});

test('esbuild', async () => {
  await run('esbuild', ['main.js', '--bundle', '--format=esm', `--outdir=${join(OUT, 'esbuild')}`, '--log-level=warning'], join(APPS, 'esbuild'));
  await works(await withPage('esbuild'));
});

test('Parcel', async () => {
  const out = join(OUT, 'parcel');
  const args = ['--dist-dir', out, '--cache-dir', join(OUT, 'parcel-cache'), '--public-url', './', '--no-source-maps', '--log-level', 'error'];
  await run('parcel', ['build', 'index.html', ...args], join(APPS, 'parcel'));
  await works(await addModel(out));
});

test('Next.js: imported on the server, exported as static files', async () => {
  await run('next', ['build'], join(APPS, 'next'));
  const out = await addModel(join(APPS, 'next/out'));
  assert.match(await readFile(join(out, 'index.html'), 'utf8'), /<p id="build">[0-9a-f]{12}-[0-9a-f]{12}<\/p>/);
  await works(out);
});

test('a plain Node script, which ends by itself', async () => {
  assert.deepEqual(JSON.parse(await run('node', [join(APPS, 'scripts/script.mjs')])), WHOLE);
});

test('a Node script without threads', async () => {
  assert.deepEqual(JSON.parse(await run('node', [join(APPS, 'scripts/direct.mjs')])), WHOLE);
});

test('a Deno script', async () => {
  const args = ['run', '--allow-read', '--allow-env', '--allow-sys', '--no-lock', '--node-modules-dir=manual', join(APPS, 'scripts/script.mjs')];
  assert.deepEqual(JSON.parse(await run('deno', args)), WHOLE);
});

test('a Bun script', async () => {
  assert.deepEqual(JSON.parse(await run('bun', ['run', join(APPS, 'scripts/script.mjs')])), WHOLE);
});

for (const resolution of ['bundler', 'node16']) {
  test(`TypeScript, strict, moduleResolution ${resolution}`, async () => {
    await run('tsc', ['--project', join(APPS, `types/${resolution}.json`)]);
  });
}

test('publint finds nothing', async () => {
  await run('publint', [tarball, '--strict']);
});

test('attw finds nothing', async () => {
  // The package is of ES modules alone, which require() of old Node cannot load; wasm and models have no types.
  const others = ['wasm', 'inference.wasm', 'decode.wasm', 'models/digits.safetensors'];
  await run('attw', [tarball, '--profile', 'esm-only', '--exclude-entrypoints', ...others]);
});
