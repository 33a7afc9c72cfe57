// Names of well-known classes in the visitor's language. They are only shown so: a network's file, a saved table and what a
// worker is told keep the names they came with. A language lacks none that another has: `labels.class-…` in its words.

import { words } from './words.js';

/** @param {string} label as the network or data set has it */
export function className(label) {
  const key = `labels.class-${label}`;
  const known = words(key);
  return known === key ? label : known;
}

/** Answers as they are shown. @template {{ label: string }} T @param {readonly T[]} classes */
export const named = (classes) => classes.map((one) => ({ ...one, label: className(one.label) }));
