/** What errors say in another language: forms that are the library's own, and every error told somehow. */

import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { ErrorTexts } from '../../www/ui/error-texts.js';
import { SOURCES, SPECS } from './bad-input.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const json = async (/** @type {string} */ name) => JSON.parse(await readFile(join(ROOT, 'www/words', `${name}.json`), 'utf8'));
const english = await json('errors/en');
const languages = (await readdir(join(ROOT, 'www/words/errors'))).map((name) => name.replace('.json', '')).filter((name) => name !== 'en');
const chinese = new ErrorTexts(english, await json('errors/zh'));

const built = await readFile(new URL('../../www/lib/pkg/build.js', import.meta.url)).catch(() => null);
const skip = !built && 'www/lib/pkg is not built';

const valuesOf = (/** @type {string} */ text) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();

test('every language says every form, with the same values in it', () => {
  assert.ok(languages.length > 0);
  return Promise.all(
    languages.map(async (language) => {
      const own = await json(`errors/${language}`);
      for (const [section, texts] of Object.entries(english)) {
        assert.deepEqual(Object.keys(own[section]).sort(), Object.keys(texts).sort(), `${language}: ${section}`);
        for (const [name, text] of Object.entries(texts)) assert.deepEqual(valuesOf(own[section][name]), valuesOf(text), `${language}: ${section}.${name}`);
      }
    }),
  );
});

test('every form is of a sentence that core, library or page has', async () => {
  const folders = ['src', 'www/lib', 'www/ui'].map(async (folder) => (await readdir(join(ROOT, folder), { recursive: true })).map((name) => join(folder, name)));
  const files = (await Promise.all(folders)).flat().filter((name) => /\.(rs|js)$/.test(name) && !name.includes('/pkg/'));
  const all = (await Promise.all(files.map((name) => readFile(join(ROOT, name), 'utf8')))).join('\n');
  // What browsers say of themselves, and what is put together from two sources.
  const others = ['offlineChromium', 'offlineFirefox', 'offlineWebKit', 'zeroOrBetween'];
  for (const [name, text] of Object.entries({ ...english.sentences, ...english.parts })) {
    if (others.includes(name)) continue;
    for (const piece of text.replace(/\.$/, '').split(/\{\w+\}/)) assert.ok(all.includes(piece), `${name}: no source says "${piece}"`);
  }
});

test('sentences are translated with their values; names and numbers stay', () => {
  const cases = [
    ['The option batchSize must be between 1 and 4096, but it is 0.', '选项 batchSize 必须是 1 到 4096 之间的数，但现在是 0。'],
    ['Too large: the pixels of the picture may be at most 67108864, but would be 100000000.', '太大了：图片的像素数最多为 67108864，而这里会有 100000000。'],
    ['models/photos.safetensors did not arrive: Failed to fetch', '未能取得 models/photos.safetensors：网络不通。'],
    ['a.zip: The archive is damaged: its list of contents is cut off.', 'a.zip：压缩包已损坏：目录不完整。'],
    ['Training stopped at step 12 because the loss became NaN; the last good weights are kept. Try a lower learning rate.', '训练在第 12 步停止，因为损失变成了 NaN；已保留最后一次正常的权重。请试试更小的学习率。'],
    ['The worker stopped (no memory), and no other could take over: The worker could not be started: no memory', '后台计算停止了（no memory），也无法重新启动：后台计算无法启动：no memory。'],
  ];
  for (const [said, told] of cases) assert.equal(chinese.sentence(said), told);
});

test('what is not known is told by its kind, with the sentence in brackets', () => {
  const said = 'The moon needs a green cheese, but got a blue one.';
  assert.equal(chinese.sentence(said), null);
  assert.equal(chinese.of(said, 'shape'), `形状不合（${said}）`);
  assert.equal(chinese.of(said, undefined), `出错了（${said}）`);
  assert.equal(chinese.of(said, 'a code of tomorrow'), `出错了（${said}）`);
  assert.equal(chinese.sentence('Fine weather'), null);
});

test('what the engine refuses is told in Chinese, files and pictures wholly', { skip }, async () => {
  const { Classifier } = await import('../../www/lib/node.js');
  const classifier = await Classifier.create('tiny');
  const refused = async (/** @type {Promise<unknown>} */ call) =>
    call.then(() => assert.fail('it was accepted'), (error) => error);
  /** By a visitor's own file or drawing; the others are a program's mistakes. */
  const wholly = /blob|bytes of no file|half a PNG/;
  for (const [what, source] of SOURCES) {
    const error = await refused(classifier.predict(source));
    const told = chinese.of(error.message, error.code);
    assert.match(told, /\p{Script=Han}/u, what);
    if (wholly.test(what)) assert.ok(chinese.sentence(error.message), `${what}: ${error.message}`);
  }
  for (const [what, spec] of SPECS) {
    const error = await refused(Classifier.create(spec));
    assert.match(chinese.of(error.message, error.code), /\p{Script=Han}/u, what);
  }
  for (const file of [new Uint8Array(), new TextEncoder().encode('<!doctype html>'), Uint8Array.of(0x50, 0x4b, 3, 4)]) {
    const error = await refused(Classifier.load(file));
    assert.ok(chinese.sentence(error.message), error.message);
  }
  classifier.close();
});
