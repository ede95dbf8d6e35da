/** Notes of a run for the log of its job: findings, decisions and results, each written once as a sentence with its numbers as fields. */
import type { InitializeResult } from '../engine/index.ts';
import { isJsonObject } from '../json.ts';
import { describe } from '../topology/summary.ts';
import type { TrainingResult } from '../training/result.ts';
import type { HistoryLine } from './history.ts';
import type { PreparedRun } from './prepare.ts';

export interface RunNote {
  readonly level: 'info' | 'warn';
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
}

const note = (message: string, data: RunNote['data'] = {}, level: RunNote['level'] = 'info'): RunNote => ({
  level,
  message,
  data,
});

const count = (value: number) => value.toLocaleString('en-US');
const seconds = (value: number) => `${value.toFixed(value < 10 ? 2 : 0)} s`;

function modelNote({ model }: PreparedRun): RunNote {
  const { name, rows, totalParams: parameters } = describe(model.topology);
  const data = { name, format: model.format, layers: rows.length, parameters };
  return note(`model ${name} (${model.format}): ${rows.length} layers, ${count(parameters)} parameters`, data);
}

function datasetNotes({ dataset }: PreparedRun): RunNote[] {
  if (dataset === null) return [];
  const { ref, format, split, found, classes } = dataset;
  const targets = classes === null ? 'values to regress' : `${classes} classes`;
  const parts = `${count(split.training)} training samples, ${count(split.validation)} set aside`;
  const read = note(`dataset ${ref} (${format}): ${parts}, ${targets}`, { ref, format, ...split, classes });
  return [read, ...found.notes.map((text) => note(`dataset: ${text}`))];
}

/** What was found when model and data were opened, and what was decided about them. */
export function preparationNotes(prepared: PreparedRun): RunNote[] {
  const { decisions, problem } = prepared;
  const { loss, startedFrom, notices } = decisions;
  const { name = null, reason = null } = isJsonObject(loss) ? loss : {};
  return [
    modelNote(prepared),
    ...datasetNotes(prepared),
    ...(problem.loss ? [note(`loss ${name}: ${reason}`, { loss: name })] : []),
    note(`the weights start from ${startedFrom}`),
    ...(Array.isArray(notices) ? notices.map((text) => note(String(text), {}, 'warn')) : []),
  ];
}

/** How the initialisation went. */
export function initializationNotes(
  method: string,
  { statistics, skipped = [] }: Pick<InitializeResult, 'statistics' | 'skipped'>,
  history: readonly HistoryLine[],
): RunNote[] {
  const [first, last] = [history.find(({ loss }) => loss !== null), history.findLast(({ loss }) => loss !== null)];
  const losses = first && last ? `, loss ${first.loss?.toPrecision(4)} to ${last.loss?.toPrecision(4)}` : '';
  const iterations = history.length === 0 ? '' : ` after ${history.length} iterations${losses}`;
  const data = { iterations: history.length, seconds: statistics.seconds, peakBytes: statistics.peakResidentBytes };
  const without = skipped.map(({ parameter, reason }) => note(`${parameter} has no scale: ${reason}`, { parameter }));
  return [note(`${method} is done${iterations}, in ${seconds(statistics.seconds)}`, data), ...without];
}

/** How the training went. */
export function trainingNote({ accuracyBest, divergedAt, seconds: took, epochs }: TrainingResult): RunNote {
  if (divergedAt !== null) return note(`the training diverged in step ${divergedAt}`, { divergedAt }, 'warn');
  const data = { epochs: epochs.length, accuracyBest, seconds: took };
  return note(`the training is done in ${seconds(took)}: best test accuracy ${accuracyBest.toFixed(4)}`, data);
}
