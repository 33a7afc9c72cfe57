// @ts-check
/** What the training engine's worker does to explain: a picture becomes the network's input first, then it is asked about. */

import { abortError } from './errors.js';
import { predict } from './handlers.js';
import { PACE, breathe, bufferOf } from './pace.js';

/** @typedef {Pick<import('./protocol.d.ts').LaterCalls, 'explain' | 'activations' | 'parameters' | 'disturb' | 'robustness'>} ExplainCalls */

/**
 * @param {import('./handlers.js').Desk<import('./pkg/engine.js').Engine>} desk
 * @returns {import('./protocol.d.ts').Handlers<ExplainCalls>}
 */
export function explainHandlers(desk) {
  /** The picture as the network sees it; null when blank. @param {import('./protocol.d.ts').WireSource} source */
  const seen = (source) => /** @type {import('./index.d.ts').Pixels | null} */ (predict(desk.engine, source, 1).input);

  return {
    explain: ({ source, asked }) => {
      const input = seen(source);
      const map = input && desk.engine.explain(input.data, asked);
      if (!input || !map) return { value: null };
      return { value: { ...map, input }, transfer: [map.data.buffer, bufferOf(input.data)] };
    },
    activations: ({ source, layer }) => {
      const input = seen(source);
      const value = input && desk.engine.activations(input.data, layer);
      return { value, transfer: value ? [value.data.buffer] : [] };
    },
    parameters: ({ layer }) => {
      const value = /** @type {import('./index.d.ts').LayerParameters[]} */ (desk.engine.layerParameters(layer));
      return { value, transfer: value.map(({ data }) => bufferOf(data)) };
    },
    disturb: ({ source, kind, strength, seed, classIndex, toward }) => {
      const input = seen(source);
      const value = input && desk.engine.disturb(input.data, classIndex, kind, strength, seed, toward);
      return { value, transfer: value ? [bufferOf(value)] : [] };
    },
    robustness: ({ options }, { signal, progress }) =>
      desk.alone('measuring robustness', async () => {
        desk.engine.startRobustness(options);
        let reportedAt = performance.now();
        for (;;) {
          const { share, points } = desk.engine.robustnessSlice(PACE.slice);
          if (share === 1) return { value: points };
          if (performance.now() - reportedAt >= PACE.report) {
            progress({ share, points });
            reportedAt = performance.now();
          }
          await breathe();
          if (signal.aborted) throw abortError(signal);
        }
      }),
  };
}
