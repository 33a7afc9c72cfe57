// Who takes part: where each comes from, what its page loads, what it can.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @typedef {object} Subject
 * @property {string} name
 * @property {string} module of `page/`
 * @property {string} [backend]
 * @property {string[]} [scripts] that its page loads in the head
 * @property {boolean} [ourWeights] whether it has the same weights as ours, and so must give the same answers
 * @property {boolean} [slow] takes part only where a run takes seconds, not minutes
 * @property {boolean} [trains]
 * @property {string} version
 *
 * @typedef {{ peers: string, rust: string, root: string }} Places
 */

const TFJS = '/node_modules/@tensorflow/tfjs';
const LAYERS = [`${TFJS}-core/dist/tf-core.min.js`, `${TFJS}-backend-cpu/dist/tf-backend-cpu.min.js`, `${TFJS}-layers/dist/tf-layers.min.js`];

/** What each needs to be there: an npm package, or a crate that was compiled. */
const PEERS = [
  { name: 'onnxruntime-web', module: 'onnxruntime-web', npm: 'onnxruntime-web', ourWeights: true },
  {
    name: 'tfjs-wasm', module: 'tfjs', backend: 'wasm', npm: '@tensorflow/tfjs-core',
    scripts: [...LAYERS, `${TFJS}-backend-wasm/dist/tf-backend-wasm.min.js`],
  },
  { name: 'tfjs-cpu', module: 'tfjs', backend: 'cpu', npm: '@tensorflow/tfjs-core', scripts: LAYERS, slow: true, trains: true },
  {
    name: 'convnetjs', module: 'convnetjs', npm: 'convnetjs', scripts: ['/node_modules/convnetjs/build/convnet-min.js'],
    slow: true, trains: true,
  },
  { name: 'rten', module: 'rust', backend: 'rten', crate: 'rten', ourWeights: true },
  { name: 'burn', module: 'rust', backend: 'burn', crate: 'burn', trains: true },
  { name: 'candle', module: 'rust', backend: 'candle', crate: 'candle-core', trains: true },
];

/**
 * Ourselves, and the peers that are here; those that are not are told.
 * @param {Places} places
 * @param {(name: string) => boolean} wanted
 * @param {(line: string) => void} tell
 * @returns {Subject[]}
 */
export function subjects({ peers, rust, root }, wanted, tell) {
  const version = /^version = "(.*)"$/m.exec(readFileSync(join(root, 'Cargo.toml'), 'utf8'))?.[1] ?? '';
  /** @type {Subject[]} */
  const here = [{ name: 'ocelli', module: 'ocelli', ourWeights: true, trains: true, version }];
  for (const { npm, crate, ...peer } of PEERS.filter(({ name }) => wanted(name))) {
    if (npm && existsSync(join(peers, 'node_modules', npm, 'package.json'))) {
      const { version } = JSON.parse(readFileSync(join(peers, 'node_modules', npm, 'package.json'), 'utf8'));
      here.push({ ...peer, version });
    } else if (crate && existsSync(join(rust, `${peer.backend}_bg.wasm`))) {
      here.push({ ...peer, version: lockedVersion(join(peers, peer.backend ?? '', 'Cargo.lock'), crate) });
    } else {
      tell(`${peer.name} is left out: ${npm ? 'its npm package is not installed' : 'its crate is not compiled'}`);
    }
  }
  return here;
}

/** @param {string} lock @param {string} crate */
function lockedVersion(lock, crate) {
  return new RegExp(`name = "${crate}"\\nversion = "(.*)"`).exec(readFileSync(lock, 'utf8'))?.[1] ?? '';
}
