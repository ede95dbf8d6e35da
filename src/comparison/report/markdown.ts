/** report.md: the tables of a comparison in GitHub Flavored Markdown. */
import type { ComparisonReport } from './report.ts';
import { setUpOf } from './set-up.ts';
import { columns, samplesText, tablesOf, transferOf } from './table.ts';

/** Escapes a name that came from a user, so that it cannot end a table cell, open an HTML tag or format text. */
const escapeMarkdown = (text: string) =>
  text
    .replaceAll(/[\r\n]+/g, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[\\|`*_[\]~]/g, (character) => `\\${character}`);

const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
const ruler = (count: number) => line(['---', ...Array.from({ length: count }, () => '---:')]);

function transferTable(report: ComparisonReport, model: string): string[] {
  const matrix = transferOf(report, model);
  if (matrix === null) return [];
  return [
    `### ${escapeMarkdown(model)}: Acc_best % by the protocol it is trained with`,
    '',
    line(['initialised by', ...matrix.trainings.map(escapeMarkdown)]),
    ruler(matrix.trainings.length),
    ...matrix.rows.map(({ method, cells }) => line([escapeMarkdown(method), ...cells])),
    '',
  ];
}

/** The tables as Markdown, with a newline at the end. */
export function toMarkdown(report: ComparisonReport): string {
  const tables = tablesOf(report);
  const lines = [
    '# Comparison of initialisations',
    '',
    `${samplesText(report)}. Mean ± standard deviation over seeds.`,
    '',
  ];
  for (const { model, training, rows } of tables) {
    const several = new Set(rows.length > 0 ? report.rows.map((row) => row.training) : []).size > 1;
    lines.push(`## ${escapeMarkdown(model)}${several ? `, trained with ${escapeMarkdown(training)}` : ''}`, '');
    lines.push(line(['method', ...columns.map(({ title }) => title.replace('_', '\\_'))]), ruler(columns.length));
    for (const row of rows) lines.push(line([escapeMarkdown(row.method), ...columns.map(({ text }) => text(row))]));
    lines.push('');
    const notes = rows.filter(({ note }) => note !== null);
    for (const { method, note } of notes) lines.push(`- ${escapeMarkdown(method)}: ${escapeMarkdown(note ?? '')}`);
    if (notes.length > 0) lines.push('');
  }
  for (const model of new Set(report.rows.map((row) => row.model))) lines.push(...transferTable(report, model));
  for (const { model, training, method, seed, accuracyBest, ties } of report.best) {
    lines.push(
      `- Best for ${escapeMarkdown(model)} (${escapeMarkdown(training)}): ${escapeMarkdown(method)}, seed ${seed}, ${(100 * accuracyBest).toFixed(1)} %${ties.length === 0 ? '' : `; not told apart from ${ties.map(escapeMarkdown).join(', ')}`}`,
    );
  }
  lines.push(
    '',
    `Columns: ${columns.map(({ title, meaning }) => `${title.replace('_', '\\_')}: ${meaning}`).join('; ')}.`,
    '',
    '## How it was run',
    '',
    ...setUpOf(report).map(({ name, text }) => `- ${escapeMarkdown(name)}: ${escapeMarkdown(text)}`),
    '',
  );
  return lines.join('\n');
}
