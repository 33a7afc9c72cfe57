// A whole project as one file: a zip of the pictures, a folder for each class, with `project.json` and what was learnt.

import { ClassifierError } from '../../../lib/index.js';
import { othersTurn, zip } from '../zip-writer.js';
import { MANIFEST, bytesOf } from './arriving-files.js';
import { usualSettings } from './project.js';
import { words } from '../../words.js';

/** @typedef {import('./project.js').Snapshot} Snapshot */
/** @typedef {import('./project-store.js').Learnt} Learnt */

const FORMAT = 'ocelli-teach';
const MODEL = 'model.safetensors';

/** @param {string} name */
const asFolder = (name) => name.replace(/[/\\:*?"<>|]/g, '_').replace(/^\.+/, '_') || '_';

/** @param {Snapshot} snapshot @param {Learnt | null} learnt @returns {Promise<Blob>} */
export async function projectFile({ classes, pictures, settings, nextId }, learnt) {
  // Two names may become one folder: the class' number tells them apart.
  const folders = new Map(classes.map(({ id, name }) => [id, asFolder(name)]));
  const taken = [...folders.values()];
  for (const [id, folder] of folders) if (taken.filter((other) => other === folder).length > 1) folders.set(id, `${folder} ${id}`);
  const files = pictures.map(({ id, classId, bytes, type }) => ({
    name: `${folders.get(classId) ?? '_'}/${String(id).padStart(5, '0')}.${type === 'image/png' ? 'png' : 'jpg'}`,
    bytes: new Uint8Array(bytes),
  }));
  await othersTurn();
  const listed = pictures.map(({ id, classId, type, drawn }, index) => ({ id, classId, type, drawn, file: files[index]?.name ?? '' }));
  const manifest = {
    format: FORMAT,
    version: 1,
    classes,
    settings,
    nextId,
    pictures: listed,
    learnt: learnt && { backbone: learnt.backbone, heldOut: learnt.heldOut, of: learnt.of, tuned: learnt.tuned ?? null },
  };
  await othersTurn();
  const text = new TextEncoder().encode(JSON.stringify(manifest));
  const model = learnt ? [{ name: MODEL, bytes: new Uint8Array(learnt.model) }] : [];
  await othersTurn();
  return zip([{ name: MANIFEST, bytes: text }, ...model, ...files]);
}

/** @param {unknown} value @returns {value is number} */
const isId = (value) => Number.isSafeInteger(value) && Number(value) > 0;

/**
 * @param {import('./arriving-files.js').Contents} inside
 * @returns {Promise<{ snapshot: Snapshot, learnt: Learnt | null }>}
 */
export async function openProject(inside) {
  const damaged = () => new ClassifierError('format', words('teach.damaged'));
  const read = async (/** @type {string} */ name) => {
    const open = inside.get(name);
    if (!open) throw damaged();
    return bytesOf(await open());
  };
  /** @type {any} */
  let manifest;
  try {
    manifest = JSON.parse(new TextDecoder().decode(await read(MANIFEST)));
  } catch {
    throw damaged();
  }
  if (manifest?.format !== FORMAT || !Array.isArray(manifest.classes) || !Array.isArray(manifest.pictures)) throw damaged();
  const hasRecords = [...manifest.classes, ...manifest.pictures].every((one) => typeof one === 'object' && one !== null);
  if (!hasRecords) throw damaged();
  if (manifest.version !== 1) throw new ClassifierError('format', words('teach.newer'));
  /** @type {Snapshot['classes']} */
  const classes = manifest.classes.map((/** @type {any} */ { id, name }) => ({ id, name: String(name) }));
  const ids = new Set(classes.map(({ id }) => id));
  if (ids.size < classes.length || !classes.every(({ id }) => isId(id))) throw damaged();
  /** @type {Snapshot['pictures']} */
  const pictures = [];
  for (const { id, classId, type, drawn, file } of manifest.pictures) {
    if (!isId(id) || !ids.has(classId)) throw damaged();
    pictures.push({ id, classId, type: type === 'image/png' ? type : 'image/jpeg', drawn: drawn === true, bytes: await read(String(file)) });
  }
  if (new Set(pictures.map(({ id }) => id)).size < pictures.length) throw damaged();
  const { backbone, head, augment, unfreeze } = { ...usualSettings(), ...manifest.settings };
  const settings = /** @type {import('./project.js').Settings} */ ({
    backbone: ['photos', 'digits'].includes(backbone) ? backbone : 'auto',
    head: ['trained', 'mean'].includes(head) ? head : 'discriminant',
    augment: augment !== false,
    unfreeze: ['lastBlock', 'all'].includes(unfreeze) ? unfreeze : 'none',
  });
  const { learnt } = manifest;
  const isLearnt = learnt && Array.isArray(learnt.heldOut) && learnt.heldOut.every(Array.isArray) && inside.has(MODEL);
  return {
    snapshot: { classes, pictures, settings, nextId: isId(manifest.nextId) ? manifest.nextId : 1 },
    learnt: isLearnt
      ? { model: await read(MODEL), backbone: String(learnt.backbone), heldOut: learnt.heldOut, of: Number(learnt.of), tuned: tuningOf(learnt.tuned) }
      : null,
  };
}

/** @param {any} tuned @returns {import('./project-store.js').Tuning | null} */
function tuningOf(tuned) {
  if (typeof tuned !== 'object' || tuned === null) return null;
  const [epochs = 0, n = 0, before = 0, after = 0] = [tuned.epochs, tuned.n, tuned.before, tuned.after].map((value) => Math.max(0, Math.trunc(Number(value)) || 0));
  return { epochs, n, before: Math.min(n, before), after: Math.min(n, after) };
}
