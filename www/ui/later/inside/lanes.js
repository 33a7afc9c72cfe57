// Which way a network's connections take beside its list of layers: those from a layer to the next lie between the two,
// every other gets a lane of its own while it lasts.

/** @typedef {{ from: number, to: number, lane: number | null }} Connection by the layers' places; `lane` from the list outward */

/**
 * @param {readonly { inputs: readonly number[] }[]} layers in the order of the list
 * @returns {Connection[]}
 */
export function connections(layers) {
  const all = layers.flatMap(({ inputs }, to) => inputs.map((from) => ({ from, to })));
  /** @type {Connection[]} */
  const straight = all.filter(({ from, to }) => to === from + 1).map((one) => ({ ...one, lane: null }));
  /** @type {(Connection & { lane: number })[]} */
  const around = [];
  // Short ones first: they lie inside the long ones that they are a part of.
  for (const { from, to } of all.filter(({ from, to }) => to !== from + 1).sort((a, b) => a.to - a.from - (b.to - b.from))) {
    const taken = around.filter((other) => other.from < to && from < other.to).map(({ lane }) => lane);
    let lane = 0;
    while (taken.includes(lane)) lane += 1;
    around.push({ from, to, lane });
  }
  return [...straight, ...around];
}
