// Makes the documentation's pages: `node docs/site/build.mjs FOLDER`. `cargo xtask build` puts them into `dist/site/docs`.

import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { framed } from './frame.mjs';
import { htmlOf } from './markdown.mjs';
import { reference } from './reference.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const [out] = process.argv.slice(2);
if (!out) throw new Error('say into which folder: node docs/site/build.mjs FOLDER');

/** The pages, in the order of the navigation: `[group, [[name, title, source], …]]`. */
const GROUPS = [
  ['Use it', [
    ['index', 'Quick start', 'docs/quick-start.md'],
    ['guide', 'Recipes', 'docs/guide.md'],
    ['examples', 'Examples', 'examples/README.md'],
    ['package', 'The package', 'www/npm.md'],
    ['consumers', 'Where it runs', 'docs/consumers.md'],
    ['limits', 'Limits', 'docs/limits.md'],
  ]],
  ['Look it up', [
    ['api', 'JavaScript', null],
    ['rust/ocelli/index', 'Rust', null],
  ]],
  ['Understand it', [
    ['how-it-works', 'How it works', 'docs/how-it-works.md'],
    ['architecture', 'Architecture', 'ARCHITECTURE.md'],
    ['benchmarks', 'Benchmarks', 'BENCHMARKS.md'],
    ['digits', 'The digit network', 'www/models/digits.md'],
    ['photos', 'The photo network', 'www/models/photos.md'],
    ['changelog', 'Changelog', 'CHANGELOG.md'],
  ]],
];
/** Sources shown on the page of the examples. */
const EXAMPLES = ['digit-pad/index.html', 'photos/index.html', 'own-classes/index.html', 'train-mnist/index.html', 'node/classify.mjs', 'node/train.mjs', 'learn.rs'];

const pages = GROUPS.flatMap(([, pages]) => pages);
const pageOf = new Map(pages.map(([name, , source]) => [source, `${name}.html`]));

/** Where a link of a source leads in the site; null for a file of the repository that is not on it. */
function address(source, href) {
  if (/^[a-z]+:/.test(href)) return href;
  const [path, anchor] = href.split('#');
  if (!path) return href;
  const file = join(source, '..', path).replaceAll('\\', '/').replace(/\/$/, '');
  if (!existsSync(join(ROOT, file))) throw new Error(`${source} links to ${href}, which is not there`);
  const page = pageOf.get(file);
  if (page) return anchor ? `${page}#${anchor}` : page;
  if (/^examples\/.*\.html$/.test(file)) return `../${file}`;
  if (file.startsWith('examples/')) return `examples.html#${anchorOf(file)}`;
  return null;
}

const anchorOf = (file) => `source-${basename(file).replace(/\W/g, '-')}`;
const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

/** The examples' sources, closed until one is wanted. */
async function sources() {
  const parts = EXAMPLES.map(async (name) => {
    const id = name.endsWith('.html') ? `source-${name.split('/')[0]}` : anchorOf(name);
    const code = await readFile(join(ROOT, 'examples', name), 'utf8');
    return `<h3 id="${id}">${name}</h3>\n<pre tabindex="0"><code>${escape(code)}</code></pre>\n`;
  });
  return `<h2 id="sources">Sources</h2>\n${(await Promise.all(parts)).join('')}`;
}

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
await copyFile(new URL('docs.css', import.meta.url), join(out, 'docs.css'));
for (const [name, title, source] of pages) {
  if (name.startsWith('rust/')) continue; // by rustdoc
  let page;
  if (source) {
    page = htmlOf(await readFile(join(ROOT, source), 'utf8'), (href) => address(source, href));
    if (name === 'examples') page.html += await sources();
  } else page = reference(join(ROOT, 'www/lib'));
  await writeFile(join(out, `${name}.html`), framed({ name, title, groups: GROUPS, ...page }));
}
