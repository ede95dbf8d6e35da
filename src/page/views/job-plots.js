/** Plots of a job's run: losses and norms by iteration, which branch was taken, and the scales of the layers as a heat map. */
import { html, nothing } from '/page/vendor/lit-html.js';
import '../elements/heat-map.js';
import '../elements/line-plot.js';
import { number } from '../format.js';
import { scrollable } from '../parts.js';

/** @import { HeatData, PlotData } from '../types.d.ts' */
/** @import { Iteration, Phase, Run } from '../job-run.js' */

/** @type {readonly (readonly ['loss' | 'gradientNorm' | 'objective', string])[]} */
const quantities = [
  ['loss', 'Loss'],
  ['gradientNorm', 'Gradient norm'],
  ['objective', 'Objective'],
];
const titles = /** @type {Readonly<Record<string, string>>} */ ({
  initializing: 'Initialisation',
  training: 'Training',
});
/** Values that differ by more than this factor are drawn on a logarithmic axis. */
const logFrom = 50;

/** @param {readonly (number | null)[]} values */
function needsLog(values) {
  const given = values.filter((value) => value !== null);
  const least = Math.min(...given);
  return least > 0 && Math.max(...given) / least > logFrom;
}

/** @param {string} title
 * @param {PlotData} data
 */
const figure = (title, data) =>
  html`<section class="card"><h3>${title}${data.log ? ' (logarithmic)' : ''}</h3><line-plot .data=${data}></line-plot></section>`;

/**
 * @param {readonly Iteration[]} points
 * @param {'loss' | 'gradientNorm' | 'objective'} quantity
 * @param {string} title
 */
function lines(points, quantity, title) {
  const given = points.filter((point) => point[quantity] !== null && point[quantity] !== undefined);
  if (given.length < 2) return nothing;
  const values = given.map((point) => point[quantity]);
  return figure(title, {
    xLabel: 'iteration',
    yLabel: title,
    x: given.map(({ iteration }) => iteration),
    series: [{ label: title, values }],
    log: needsLog(values),
  });
}

/** @param {readonly Iteration[]} points */
function branches(points) {
  const names = [...new Set(points.flatMap(({ branch }) => (branch === null ? [] : [branch])))];
  if (names.length < 2) return nothing;
  return figure('Branch of each iteration', {
    xLabel: 'iteration',
    yLabel: 'branch',
    x: points.map(({ iteration }) => iteration),
    series: [{ label: 'branch', values: points.map(({ branch }) => (branch === null ? null : names.indexOf(branch))) }],
    choices: names,
  });
}

/** @param {readonly Iteration[]} points */
function scales(points) {
  const told = points.flatMap((point) =>
    point.scales === undefined ? [] : [{ iteration: point.iteration, scales: point.scales }],
  );
  const last = told.at(-1);
  if (last === undefined) return nothing;
  const names = Object.keys(last.scales);
  /** @type {HeatData} */
  const data = {
    columns: told.map(({ iteration }) => iteration),
    rows: names.map((label) => ({ label, values: told.map(({ scales: all }) => all[label] ?? null) })),
  };
  const rows = names.map(
    (name) => html`<tr><th scope="row">${name}</th><td class="number">${number(last.scales[name])}</td></tr>`,
  );
  return html`<section class="card whole"><h3>Scales by layer over the iterations</h3>
    <p class="soft">Each weight is multiplied by its scale. 1 leaves it as it was drawn.</p>
    <heat-map .data=${data}></heat-map>
    <details><summary>Scales after iteration ${last.iteration} as a table</summary>${scrollable(
      'Scales',
      html`<table><thead><tr><th scope="col">Parameter, from input to output</th><th scope="col" class="number">Scale</th></tr></thead><tbody>${rows}</tbody></table>`,
    )}</details></section>`;
}

/** @param {Phase} phase */
function phasePlots({ name, points }) {
  if (points.length < 2) return nothing;
  return html`<h2>${titles[name] ?? name}</h2>
    <div class="columns">${quantities.map(([quantity, title]) => lines(points, quantity, title))}${branches(points)}${scales(points)}</div>`;
}

/** @param {Run} run */
export const runPlots = ({ phases }) => phases.map(phasePlots);
