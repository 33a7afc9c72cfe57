// The settings of the Train view as a link, in the address and on the clipboard.

import { presets } from '../lib/presets.js';
import { select } from './dom.js';
import { linkOf } from './experiment-link.js';
import { notify } from './notices.js';
import { words } from './words.js';

/** @param {import('../lib/index.js').TrainOptions | null} options of the form; null when a field is wrong */
export async function copyExperiment(options) {
  const preset = presets().find(({ name }) => name === select('preset').value)?.name;
  if (!options) return;
  if (!preset) {
    notify(words('train.linkNotPad'));
    return;
  }
  const recipe = select('recipe').value === 'taught' ? 'taught' : 'quick';
  history.replaceState(null, '', `#train?${linkOf({ preset, recipe, options })}`);
  try {
    await navigator.clipboard.writeText(location.href);
    notify(words('train.linkCopied'), { kind: 'done' });
  } catch {
    notify(words('train.linkInBar'), { kind: 'done' });
  }
}
