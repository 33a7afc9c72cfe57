// What the first run brings along: tools at the charts, and the list of runs.

import { CurveChart } from '../../curve-chart.js';
import { byId } from '../../dom.js';
import { loadStyle } from '../../view-loader.js';
import { addChartTools } from './chart-tools.js';
import { RunList } from './run-list.js';

export async function openExtras() {
  await Promise.all(['train', 'train-result'].map((name) => loadStyle(`css/later/${name}.css`)));
  for (const id of ['chart-loss', 'chart-accuracy']) addChartTools(byId(id, CurveChart));
  return new RunList();
}
