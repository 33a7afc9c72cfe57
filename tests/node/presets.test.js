import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { PRESETS } from '../../www/lib/preset-table.js';

test('the presets are those of the core, in its order', () => {
  const zoo = readFileSync(new URL('../../src/model/zoo.rs', import.meta.url), 'utf8');
  const names = /NAMES[^=]*=\s*\[([^\]]*)\]/.exec(zoo)[1].match(/[a-z0-9-]+/g);
  assert.deepEqual(PRESETS.map(({ name }) => name), names);
});
