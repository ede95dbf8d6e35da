/** report.html: one self-contained page with tables and plots, without scripts, fonts or images from other places. */
import { accuracyBars, accuracyCurves, gradientsByDepth, lossByTime, lossCurves, scalesByDepth } from './plots.ts';
import type { ComparisonReport } from './report.ts';
import { setUpOf } from './set-up.ts';
import { bestMethods, columns, samplesText, type Table, tablesOf, transferOf } from './table.ts';

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escapeHtml = (text: string) => text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');

const style = `
:root { color-scheme: light dark; --text: #1a1a1a; --soft: #444; --line: #ddd; --best: #e4f0fd; --ground: #fff; }
@media screen and (prefers-color-scheme: dark) { :root { --text: #e6ebf2; --soft: #b4becb; --line: #3a4654; --best: #1b3350; --ground: #12171e; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--ground); max-width: 1280px; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line); }
table { border-collapse: collapse; margin: 1rem 0; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .55rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
tr.best td, tr.best th { font-weight: 600; background: var(--best); }
tbody th { font-weight: inherit; }
td.note { text-align: left; color: var(--soft); white-space: normal; }
.wide { overflow-x: auto; }
figure { margin: 1rem 1rem 1rem 0; display: inline-block; vertical-align: top; max-width: 100%; }
figure svg { max-width: 100%; height: auto; background: #fff; border-radius: 4px; }
figcaption { font-size: .9rem; color: var(--soft); margin-bottom: .3rem; }
dl { font-size: .9rem; color: var(--soft); display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; } dd { margin: 0; overflow-wrap: anywhere; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid var(--line); padding: .6rem; font-size: .8rem; }
@media (max-width: 40rem) { dl { grid-template-columns: 1fr; } dt { font-weight: 600; } figure { margin-right: 0; width: 100%; } }
@media print { body { max-width: none; margin: 0; } figure, tr, h2 { break-inside: avoid; } .wide { overflow: visible; } table { font-size: .72rem; } th, td { padding: .15rem .3rem; white-space: normal; } }
`;

const cell = (tag: 'th' | 'td', text: string, className = '') =>
  `<${tag}${className ? ` class="${className}"` : ''}>${escapeHtml(text)}</${tag}>`;
const row = (cells: readonly string[], className = '') =>
  `<tr${className ? ` class="${className}"` : ''}>${cells.join('')}</tr>`;

function tableHtml(report: ComparisonReport, table: Table): string {
  const { rows } = table;
  const best = bestMethods(report, table);
  const head = row(['method', ...columns.map(({ title }) => title)].map((title) => cell('th', title)));
  const body = rows.map((entry) =>
    entry.accuracyBest === null
      ? row([
          cell('td', entry.method),
          `<td class="note" colspan="${columns.length}">${escapeHtml(entry.note ?? entry.status)}</td>`,
        ])
      : row(
          [cell('td', entry.method), ...columns.map(({ text }) => cell('td', text(entry)))],
          best.has(entry.method) ? 'best' : '',
        ),
  );
  const notes = rows
    .filter(({ note, accuracyBest }) => note !== null && accuracyBest !== null)
    .map(({ method, note }) => `<li>${escapeHtml(`${method}: ${note}`)}</li>`);
  return `<div class="wide"><table>${head}${body.join('\n')}</table></div>${notes.length > 0 ? `<ul>${notes.join('')}</ul>` : ''}`;
}

function transferHtml(report: ComparisonReport, model: string): string {
  const matrix = transferOf(report, model);
  if (matrix === null) return '';
  const head = row([
    cell('th', 'initialised by'),
    ...matrix.trainings.map((name) => cell('th', `trained with ${name}`)),
  ]);
  const body = matrix.rows.map(({ method, cells }) =>
    row([cell('td', method), ...cells.map((text) => cell('td', text))]),
  );
  return `<h3>Best test accuracy (%) by the protocol it is trained with</h3><div class="wide"><table>${head}${body.join('\n')}</table></div>`;
}

async function figure(caption: string, svg: Promise<string> | null): Promise<string> {
  const drawn = await svg;
  if (drawn === null) return '';
  const name = escapeHtml(caption);
  const named = drawn.replace(
    /<svg ([^>]*)>/,
    (_, attributes) => `<svg role="img" aria-label="${name}" ${attributes}><title>${name}</title>`,
  );
  return `<figure><figcaption>${name}</figcaption>${named}</figure>`;
}

async function section(report: ComparisonReport, table: Table): Promise<string> {
  const several = new Set(report.rows.map(({ training }) => training)).size > 1;
  const title = several ? `${table.model}, trained with ${table.training}` : table.model;
  const parts = [`<h2>${escapeHtml(title)}</h2>`, tableHtml(report, table)];
  if (table.rows.every(({ accuracyBest }) => accuracyBest === null)) return parts.join('\n');
  const figures = await Promise.all([
    figure('Training loss: mean over seeds, band one standard deviation', lossCurves(report, table)),
    figure('Training loss by wall time, the initialisation included', lossByTime(report, table)),
    figure('Test accuracy after every epoch', accuracyCurves(report, table)),
    figure('Test accuracy: mean over seeds, whisker one standard deviation', accuracyBars(report, table)),
    figure('Scale of every tuned parameter, mean over seeds', scalesByDepth(report, table)),
    figure('Gradient norm of every parameter before the first step, mean over seeds', gradientsByDepth(report, table)),
  ]);
  return [...parts, ...figures].join('\n');
}

function seedsText({ cells }: ComparisonReport): string {
  return [...new Set(cells.map(({ seed }) => seed))].join(', ');
}

/** The page. Every text that came from the user is escaped. */
export async function toHtml(report: ComparisonReport): Promise<string> {
  const sections = await Promise.all(tablesOf(report).map((table) => section(report, table)));
  const transfers = [...new Set(report.rows.map(({ model }) => model))]
    .map((model) => transferHtml(report, model))
    .filter((text) => text !== '');
  const meanings = columns
    .map(({ title, meaning }) => `<dt>${escapeHtml(title)}</dt><dd>${escapeHtml(meaning)}</dd>`)
    .join('');
  const setUp = setUpOf(report)
    .map(({ name, text }) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(text)}</dd>`)
    .join('');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Comparison of initialisations</title>
<style>${style}</style>
</head>
<body>
<h1>Comparison of initialisations</h1>
<p>${samplesText(report)}; seeds ${escapeHtml(seedsText(report))}. Numbers are mean ± standard deviation over seeds; the best row of each table is marked, with those that read the same.</p>
${sections.join('\n')}
${transfers.length > 0 ? `<h2>Transfer between optimizers</h2>\n${transfers.join('\n')}` : ''}
<h2>How it was run</h2>
<dl>${setUp}</dl>
<details><summary>comparison.json, the specification of that command</summary><pre>${escapeHtml(JSON.stringify(report.spec, null, 2))}</pre></details>
<h2>What the columns mean</h2>
<dl>${meanings}</dl>
<p>Made with gradinit-service ${escapeHtml(report.versions['gradinit-service'] ?? '')}. GradInit: C. Zhu, R. Ni, Z. Xu, K. Kong, W. R. Huang, T. Goldstein,
“GradInit: Learning to Initialize Neural Networks for Stable and Efficient Training”, NeurIPS 2021, arXiv:2102.08098.</p>
</body>
</html>
`;
}
