/** One comparison: its table of results with plots, as far as its cells are. */
import { html, nothing } from '/page/vendor/lit-html.js';
import { getJson, post } from '../api.js';
import '../elements/line-plot.js';
import { clock, number } from '../format.js';
import { attempt, badge, isOver, mayWrite, problemNote, scrollable } from '../parts.js';
import { cellsOver } from './comparisons.js';

/** @import { Comparison, Context, PlotData, View } from '../types.d.ts' */
/** @import { Problem } from '../api.js' */

/** @typedef {{ mean: number, sd: number | null, n: number } | null} Spread */
/** @typedef {{ model: string, training: string, method: string, status: string, note: string | null, accuracyFirst: Spread, accuracyBest: Spread, gradientNorm: Spread }} Row */
/** @typedef {{ training: { curve: { step: number, loss: number }[], epochs: { epoch: number, testAccuracy: number }[] } }} Result */
/** @typedef {{ model: string, training: string, method: string, seed: number, job: string | null, state: { status: string, result?: Result } }} Cell */
/** @typedef {{ rows: Row[], cells: Cell[], best: { model: string, training: string, method: string }[] }} Report */

const everyMs = 5000;
const barWidth = 180;

/** @param {Spread} spread
 * @param {(value: number) => string} show
 */
const spreadText = (spread, show) =>
  spread === null ? '–' : spread.sd === null ? show(spread.mean) : `${show(spread.mean)} ± ${show(spread.sd)}`;
const percent = (/** @type {number} */ share) => (100 * share).toFixed(1);

/** @param {readonly Row[]} rows
 * @param {string | undefined} best
 */
function resultTable(rows, best) {
  const body = rows.map(({ method, accuracyFirst, accuracyBest, gradientNorm, note, status }) => {
    const name = html`<th scope="row">${method} ${method === best ? html`<span class="badge good">best</span>` : nothing}</th>`;
    if (accuracyBest === null) return html`<tr>${name}<td class="free" colspan="4">${note ?? status}</td></tr>`;
    return html`<tr>${name}<td class="number">${spreadText(accuracyFirst, percent)}</td><td class="number">${spreadText(accuracyBest, percent)}</td>
      <td class="roomy"><svg width=${barWidth} height="12" aria-hidden="true"><rect class="class-bar" width=${barWidth * accuracyBest.mean} height="12"></rect></svg></td>
      <td class="number roomy">${spreadText(gradientNorm, number)}</td></tr>`;
  });
  return scrollable(
    'Results',
    html`<table><caption>Test accuracy in percent, mean ± standard deviation over seeds</caption><thead><tr><th scope="col">Method</th><th scope="col" class="number">After epoch 1</th><th scope="col" class="number">Best</th><th scope="col" class="roomy"><span class="unseen">Best as a bar</span></th><th scope="col" class="number roomy">Gradient norm at the start</th></tr></thead><tbody>${body}</tbody></table>`,
  );
}

/**
 * Means over seeds, one line for each method.
 *
 * @param {readonly Cell[]} cells
 * @param {(result: Result) => readonly (readonly [number, number])[]} read
 */
function meansOf(cells, read) {
  /** @type {Map<string, Map<number, number[]>>} */
  const byMethod = new Map();
  for (const { method, state } of cells) {
    if (state.result === undefined) continue;
    const points = byMethod.get(method) ?? new Map();
    for (const [x, y] of read(state.result)) points.set(x, [...(points.get(x) ?? []), y]);
    byMethod.set(method, points);
  }
  const x = [...new Set([...byMethod.values()].flatMap((points) => [...points.keys()]))].sort((a, b) => a - b);
  const mean = (/** @type {number[] | undefined} */ values) =>
    values === undefined ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    x,
    series: [...byMethod].map(([label, points]) => ({ label, values: x.map((at) => mean(points.get(at))) })),
  };
}

/** @param {readonly Cell[]} cells */
function plots(cells) {
  const losses = meansOf(cells, ({ training }) =>
    training.curve.map(({ step, loss }) => /** @type {const} */ ([step + 1, loss])),
  );
  const accuracies = meansOf(cells, ({ training }) =>
    training.epochs.map(({ epoch, testAccuracy }) => /** @type {const} */ ([epoch, 100 * testAccuracy])),
  );
  if (losses.x.length === 0) return nothing;
  const all = losses.series.flatMap(({ values }) => values).filter((value) => value !== null);
  const log = Math.min(...all) > 0 && Math.max(...all) / Math.min(...all) > 50;
  /** @type {PlotData} */
  const loss = { xLabel: 'step', yLabel: 'training loss', log, ...losses };
  /** @type {PlotData} */
  const accuracy = { xLabel: 'epoch', yLabel: 'test accuracy', ...accuracies };
  return html`<div class="columns"><div><h3>Training loss${log ? ' (logarithmic)' : ''}</h3><line-plot .data=${loss}></line-plot></div>
    ${accuracies.x.length > 1 ? html`<div><h3>Test accuracy, %</h3><line-plot .data=${accuracy}></line-plot></div>` : nothing}</div>`;
}

/** @param {Report} report */
function sections({ rows, cells, best }) {
  const places = [
    ...new Map(rows.map(({ model, training }) => [JSON.stringify([model, training]), { model, training }])).values(),
  ];
  return places.map(({ model, training }) => {
    const isHere = (/** @type {{ model: string, training: string }} */ other) =>
      other.model === model && other.training === training;
    return html`<section class="card"><h2>${model}, trained with ${training}</h2>
      ${resultTable(rows.filter(isHere), best.find(isHere)?.method)}${plots(cells.filter(isHere))}</section>`;
  });
}

/**
 * @param {Context} context
 * @returns {Promise<View>}
 */
export async function comparisonView({ parts, session, signal, redraw, repeat }) {
  const address = `/v1/comparisons/${encodeURIComponent(parts[0] ?? '')}`;
  /** @type {Comparison} */
  let comparison = await getJson(address, signal);
  /** @type {Report} */
  let report = { rows: [], cells: [], best: [] };
  let seen = -1;
  /** @type {Problem | null} */
  let problem = null;
  const load = async () => {
    comparison = await getJson(address, signal);
    // The report is long: it is read again when another cell is over.
    if (cellsOver(comparison) !== seen) report = await getJson(`${address}/report.json`, signal);
    seen = cellsOver(comparison);
    redraw();
  };
  await repeat(everyMs, load);
  const cancel = async () => {
    problem = await attempt(() => post(`${address}/cancel`));
    await attempt(load);
    redraw();
  };
  const title = 'Comparison';
  return {
    title,
    template: () => html`<div class="title"><h1>${title}</h1>${badge(comparison.status)}
        <div class="actions">
          <a class="button first" href="${address}/report.html" target="_blank" rel="noopener">Report</a>
          <a class="button" href="${address}/report.json" download="${comparison.id}.json">JSON</a>
          <a class="button" href="${address}/report.csv" download="${comparison.id}.csv">CSV</a>
          <a class="button" href="${address}/report.md" download="${comparison.id}.md">Markdown</a>
          ${report.best.length > 0 ? html`<a class="button" href="${address}/weights" download>Best weights</a>` : nothing}
          ${mayWrite(session.scopes) && !isOver(comparison.status) ? html`<button @click=${cancel}>Cancel</button>` : nothing}</div></div>
      <p class="id soft">${comparison.id}</p>${problem === null ? nothing : problemNote(problem)}
      <div class="card"><progress max=${comparison.cells} value=${cellsOver(comparison)} aria-label="Cells that are over"></progress>
        <p>${cellsOver(comparison)} of ${comparison.cells} cells are over; begun ${clock(comparison.createdAt)}. <a href="#/jobs?search=${comparison.id}">Its jobs</a></p></div>
      ${sections(report)}`,
  };
}
