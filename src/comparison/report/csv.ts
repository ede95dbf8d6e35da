/** report.csv: one row for each number of each cell (long format), so that tools can build any table from it (RFC 4180). */
import type { CellResult } from '../plan/cell.ts';
import type { ComparisonReport } from './report.ts';

type Entry = readonly [measure: string, at: string | number, value: number | null];

function entriesOf({ initialisation, training }: CellResult): Entry[] {
  const { start, lossAfter, curve, epochs } = training;
  return [
    ['init seconds', '', initialisation.seconds],
    ['init peak bytes', '', initialisation.peakBytes],
    ['init iterations', '', initialisation.iterations],
    ...Object.entries(initialisation.scales).map(([name, scale]): Entry => ['scale', name, scale]),
    ['start loss', '', start.loss],
    ['start gradient norm', '', start.gradientNorm],
    ...start.gradientNorms.map(({ parameter, norm }): Entry => ['start gradient norm', parameter, norm]),
    ...Object.entries(lossAfter).map(([step, loss]): Entry => ['probe loss after step', step, loss]),
    ...curve.map(({ step, loss }): Entry => ['training loss', step, loss]),
    ...epochs.flatMap((epoch): Entry[] => [
      ['epoch training loss', epoch.epoch, epoch.trainingLoss],
      ['epoch test loss', epoch.epoch, epoch.testLoss],
      ['epoch test accuracy', epoch.epoch, epoch.testAccuracy],
      ['epoch mean test accuracy', epoch.epoch, epoch.meanTestAccuracy],
      ['epoch seconds', epoch.epoch, epoch.seconds],
    ]),
    ['accuracy first', '', training.accuracyFirst],
    ['accuracy best', '', training.accuracyBest],
    ['mean accuracy first', '', training.meanAccuracyFirst],
    ['diverged at step', '', training.divergedAt],
    ['training seconds', '', training.seconds],
  ];
}

/** One field. Names come from users, and spreadsheets treat a text that begins with =, +, - or @ as a formula; an apostrophe in front prevents that. */
function field(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function toCsv({ cells }: ComparisonReport): string {
  const lines = cells.flatMap(({ model, training, method, seed, job, state }) =>
    state.status === 'done'
      ? entriesOf(state.result).map((entry) => [model, training, method, seed, job ?? '', ...entry])
      : [[model, training, method, seed, job ?? '', 'status', state.status, null]],
  );
  const head = ['model', 'training', 'method', 'seed', 'job', 'measure', 'at', 'value'];
  return [head, ...lines].map((line) => `${line.map(field).join(',')}\r\n`).join('');
}
