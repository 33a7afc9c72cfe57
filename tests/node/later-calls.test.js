/** The rarer calls of a classifier come with the first of them: each that the types promise is there, and none beyond. */

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';

const skip = existsSync(new URL('../../www/lib/pkg/build.js', import.meta.url)) ? false : 'www/lib/pkg is not built';

test('the names that stand for rarer calls are those of the part that is loaded', { skip }, async () => {
  const { Classifier } = await import('../../www/lib/classifier.js');
  const { calls } = await import('../../www/lib/classifier-later.js');
  const own = Object.getOwnPropertyNames(Classifier.prototype);
  const missing = Object.keys(calls).filter((name) => !own.includes(name));
  assert.deepEqual(missing, []);
  // A call that stands for one takes whatever comes, and hands it on.
  const stands = own.filter((name) => Classifier.prototype[name].name === 'value');
  assert.deepEqual(stands.sort(), Object.keys(calls).sort());
});
