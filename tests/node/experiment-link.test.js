import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';

// The library's index names its build, which only a build writes.
const skip = existsSync(new URL('../../www/lib/pkg/build.js', import.meta.url)) ? false : 'the package is not built';
const { experimentOf, linkOf } = skip ? {} : await import('../../www/ui/experiment-link.js');
const { recipeFor } = skip ? {} : await import('../../www/lib/presets.js');

test('a link holds what is not the recipe, and gives the same experiment back', { skip }, () => {
  const options = { ...recipeFor('tiny'), epochs: 7, optimizer: { type: 'sgd' }, loss: 'hinge', frozen: ['conv2d'], seed: 9 };
  const link = linkOf({ preset: 'tiny', recipe: 'quick', options });
  assert.deepEqual([...new URLSearchParams(link).keys()].sort(), ['epochs', 'frozen', 'loss', 'optimizer', 'preset', 'seed']);
  assert.deepEqual(experimentOf(link), { preset: 'tiny', recipe: 'quick', options });
  const plain = linkOf({ preset: 'mlp', recipe: 'taught', options: recipeFor('mlp', 'taught') });
  assert.equal(plain, 'preset=mlp&recipe=taught');
});

test('what a link has that is no option or no value is left out', { skip }, () => {
  const usual = recipeFor('tiny');
  assert.deepEqual(experimentOf('preset=tiny&epochs=many&batchSize=[1]&optimizer=null&evil=1')?.options, usual);
  assert.equal(experimentOf('preset=nothing'), null);
  assert.equal(experimentOf(''), null);
});
