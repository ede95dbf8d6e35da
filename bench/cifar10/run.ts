/**
 * Runs the cells of the CIFAR-10 table that have no result yet and writes a small report of each to results/cifar10.
 *
 *   npm run results:cifar10 -- --data FOLDER                 all cells, in order (days); FOLDER holds data_batch_1..5.bin and test_batch.bin
 *   npm run results:cifar10 -- --data FOLDER --cell ID ...   only these cells
 *   npm run results:cifar10 -- --list                        every cell and whether it has a result
 *
 * An interrupted cell starts again from the beginning; finished ones are kept.
 */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { abortOnSignals } from '../../src/cli/abort-on-signals.ts';
import { localSources } from '../../src/cli/sources.ts';
import type { CellResult } from '../../src/comparison/plan/cell.ts';
import { planComparison } from '../../src/comparison/plan/local.ts';
import { openFolder, runComparison, writeWhole } from '../../src/comparison/runner.ts';
import { parseComparisonSpec } from '../../src/contract/comparison-spec.ts';
import { type TableCell, tableCells } from './cells.ts';
import { normalize, provenance } from './reports.ts';

const results = path.resolve(import.meta.dirname, '../../results/cifar10');
const fileOf = ({ id }: TableCell) => path.join(results, `${id}.json`);

const specOf = ({ spec, network, row, seed }: TableCell, data: string) =>
  parseComparisonSpec({
    models: [{ label: network, model: spec.model, gradientClip: spec.gradientClip }],
    dataset: { ref: data, options: { part: 'train', normalize, classes: 10 } },
    test: { ref: data, options: { part: 'test', normalize, classes: 10 } },
    methods: [{ label: row, ...spec.method }],
    seeds: [seed],
    training: {
      epochs: 200,
      stopAfterEpochs: 1,
      evaluations: 4,
      batchSize: spec.batchSize,
      augmentation: { crop: 4, flip: true, cutout: 16 },
    },
  });

/** The report of a cell: what the table and its readers need, with the scales but without the weights. */
const reportOf = (cell: TableCell, { initialisation, training }: CellResult, started: Date) => ({
  ...cell,
  ...provenance(`npm run results:cifar10 -- --data FOLDER --cell ${cell.id}`, started),
  initialisation,
  training: { ...training, start: { ...training.start, gradientNorms: undefined } },
});

async function runCell(cell: TableCell, data: string, signal: AbortSignal): Promise<void> {
  const started = new Date();
  const out = await mkdtemp(path.join(tmpdir(), 'gradinit-cifar10-'));
  try {
    const plan = await planComparison(specOf(cell, data), localSources());
    await openFolder(out, plan);
    const states = await runComparison(plan, out, { sources: localSources(), signal, onCell: () => {} });
    const [state] = states.values();
    if (state?.status === 'failed') throw new Error(`${cell.id}: ${state.error.code}: ${state.error.message}`);
    if (state?.status !== 'done') return;
    await mkdir(results, { recursive: true });
    await writeWhole(fileOf(cell), `${JSON.stringify(reportOf(cell, state.result, started), null, 1)}\n`);
    const { accuracyFirst, meanAccuracyFirst } = state.result.training;
    console.log(
      `${cell.id}: Acc_1 ${(100 * accuracyFirst).toFixed(1)} %, mean ${(100 * meanAccuracyFirst).toFixed(1)} %`,
    );
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}

const { values } = parseArgs({
  options: { data: { type: 'string' }, cell: { type: 'string', multiple: true }, list: { type: 'boolean' } },
});
if (values.list) {
  for (const cell of tableCells) console.log(`${existsSync(fileOf(cell)) ? 'done ' : '     '} ${cell.id}`);
} else {
  if (values.data === undefined) throw new Error('--data FOLDER names the folder of the binary files');
  const { signal } = abortOnSignals();
  const wanted = tableCells.filter(({ id }) => values.cell === undefined || values.cell.includes(id));
  for (const cell of wanted) {
    if (signal.aborted) break;
    if (!existsSync(fileOf(cell))) await runCell(cell, values.data, signal);
  }
}
