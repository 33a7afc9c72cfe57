import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { idxHead } from '../../www/ui/idx-files.js';
import { History } from '../../www/ui/history.js';
import { isMet } from '../../www/ui/ink.js';
import { idxImages, idxLabels } from '../../www/ui/later/idx-writer.js';
import { zip } from '../../www/ui/later/zip-writer.js';
import { verdictOf } from '../../www/ui/verdict.js';

const python = (() => {
  try {
    execFileSync('python3', ['-c', 'import zipfile']);
    return true;
  } catch {
    return false;
  }
})();

test('a zip is read by another program, to the byte', { skip: !python && 'there is no python3' }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ocelli-zip-'));
  try {
    const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    const files = [{ name: 'all.bin', bytes: all }, { name: 'ziffern-数字.txt', bytes: new TextEncoder().encode('one') }, { name: 'empty', bytes: new Uint8Array() }];
    await writeFile(join(folder, 'a.zip'), new Uint8Array(await (await zip(files)).arrayBuffer()));
    const script = 'import zipfile,sys,json\nz=zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\nprint(json.dumps({n:list(z.read(n)) for n in z.namelist()}))';
    const read = JSON.parse(execFileSync('python3', ['-c', script, join(folder, 'a.zip')], { encoding: 'utf8' }));
    assert.deepEqual(read, Object.fromEntries(files.map(({ name, bytes }) => [name, [...bytes]])));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('an IDX pair that is written has the heads that are read', async () => {
  const images = idxImages([new Uint8Array(6).fill(7), new Uint8Array(6).fill(9)], 3, 2);
  assert.deepEqual([...images.subarray(0, 16)], [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3]);
  assert.deepEqual([...images.subarray(16)], [7, 7, 7, 7, 7, 7, 9, 9, 9, 9, 9, 9]);
  const labels = idxLabels([4, 2]);
  assert.deepEqual([...labels], [0, 0, 8, 1, 0, 0, 0, 2, 4, 2]);
  assert.ok(await idxHead(new Blob([images]), "a"));
  assert.ok(await idxHead(new Blob([labels]), "b"));
});

test('an answer is one class, a few or none by confidence and novelty', () => {
  const of = (novelty, ...confidences) =>
    verdictOf({ classes: confidences.map((confidence, index) => ({ label: String(index), index, confidence })), novelty, blank: false, input: null, milliseconds: 0 });
  assert.deepEqual(of(null, 0.95, 0.05), { kind: 'one', labels: ['0'] });
  assert.deepEqual(of(-1, 0.6, 0.35, 0.05), { kind: 'some', labels: ['0', '1'] });
  assert.deepEqual(of(-1, 0.3, 0.25, 0.2, 0.15, 0.1), { kind: 'some', labels: ['0', '1', '2'] });
  assert.equal(of(0.1, 0.99, 0.01).kind, 'none');
});

test('an eraser meets a stroke that it crosses or touches', () => {
  const stroke = [{ x: 0, y: 0 }, { x: 100, y: 0 }].map((point) => ({ ...point, pressure: 0.5, width: 8 }));
  assert.ok(isMet(stroke, { x: 50, y: -80 }, { x: 50, y: 80 }), 'between two points, in one step');
  assert.ok(isMet(stroke, { x: 30, y: 9 }, { x: 30, y: 9 }));
  assert.ok(!isMet(stroke, { x: 30, y: 11 }, { x: 60, y: 30 }));
  assert.ok(!isMet([], { x: 0, y: 0 }, { x: 1, y: 1 }));
  assert.ok(isMet(stroke.slice(0, 1), { x: -20, y: 3 }, { x: 20, y: 3 }), 'a dot');
});

test('what was taken back is gone when something new is kept', () => {
  const history = new History();
  history.keep('a');
  history.keep('b');
  assert.equal(history.undo('c'), 'b');
  assert.equal(history.undo('b'), 'a');
  assert.equal(history.undo('a'), undefined);
  assert.equal(history.redo('a'), 'b');
  history.keep('b');
  assert.equal(history.canRedo, false);
  assert.equal(history.undo('d'), 'b');
});
