/** gradinit compare: trains models x methods x seeds by one protocol and reports which initialisation is best. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Cell, CellState } from '../comparison/plan/cell.ts';
import { planComparison } from '../comparison/plan/local.ts';
import { toMarkdown } from '../comparison/report/markdown.ts';
import { buildComparisonReport, type ComparisonReport } from '../comparison/report/report.ts';
import { columns } from '../comparison/report/table.ts';
import { openFolder, runComparison, writeWhole } from '../comparison/runner.ts';
import { parseComparisonSpec } from '../contract/comparison-spec.ts';
import { AppError } from '../errors.ts';
import { abortOnSignals } from './abort-on-signals.ts';
import { integerFlag, jsonFlag, parseFlags, required } from './args.ts';
import { compareOnService } from './compare-on-service.ts';
import { readModelJson } from './model-file.ts';
import { createProgress } from './progress.ts';
import { connect, serviceFlags } from './service.ts';
import { localSources } from './sources.ts';

export const usage = `usage: gradinit compare --spec FILE --out DIR [--json] [--eager]
       gradinit compare --zoo NAME | --model FILE  --dataset REF --method NAME ... --out DIR [OPTIONS]

  --spec FILE              the whole comparison as JSON: models, dataset, test, methods, seeds, training
  --zoo NAME               a network of the zoo (gradinit zoo)
  --zoo-options JSON       its options
  --model FILE             topology: JSON of TensorFlow.js or Keras, .keras, .h5, or .pt2 of torch.export
  --dataset REF            builtin:digits, file:PATH or a path
  --dataset-options JSON   options of the dataset; validationSplit is 0.2 when left out
  --method NAME            may be repeated; NAME or NAME:{"option":value}
  --seed N                 may be repeated (default 0, 1, 2)
  --learning-rate R        may be repeated: every row is trained at each and reported at the one that is best on held-out samples
  --baselines              adds the rows kaiming, kaiming + warm-up, torch-default and keras-default (default with --learning-rate)
  --epochs N               default 10
  --training JSON          the rest of the protocol: batchSize, optimizer, learningRate, schedule, warmupEpochs, ...
  --out DIR                report.json, report.md, report.html, and the weights of every cell in cells/
  --service                on the workers of a service instead of here; files are then uploads or paths of its own
  --url URL, --key TOKEN   of the service (default GRADINIT_URL and GRADINIT_API_KEY)
  --eager                  operation by operation instead of as one recorded graph
  --json                   progress and result as JSON lines on standard output

Run again with the same specification and folder, it continues with the cells that are not finished.`;

const flags = {
  spec: { type: 'string' },
  zoo: { type: 'string' },
  'zoo-options': { type: 'string' },
  model: { type: 'string' },
  dataset: { type: 'string' },
  'dataset-options': { type: 'string' },
  method: { type: 'string', multiple: true },
  seed: { type: 'string', multiple: true },
  'learning-rate': { type: 'string', multiple: true },
  baselines: { type: 'boolean' },
  epochs: { type: 'string' },
  training: { type: 'string' },
  out: { type: 'string' },
  service: { type: 'boolean' },
  eager: { type: 'boolean' },
  ...serviceFlags,
} as const;

type Values = NonNullable<ReturnType<typeof parseFlags<typeof flags>>>['values'];

async function readSpec(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new AppError('USAGE', `--spec ${file}: the file cannot be read`, { cause });
  });
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError('USAGE', `--spec ${file} is not JSON: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    });
  }
}

async function modelOf({ model, zoo, ...values }: Values): Promise<object> {
  if ((model === undefined) === (zoo === undefined))
    throw new AppError('USAGE', 'give --spec FILE, or either --model FILE or --zoo NAME');
  if (zoo !== undefined)
    return { model: { format: 'zoo', name: zoo, options: jsonFlag(values['zoo-options'], '--zoo-options') } };
  const file = required(model, '--model');
  return { label: path.basename(file).slice(0, 60), model: { topology: await readModelJson(file) } };
}

/** A method with options, from `NAME` or `NAME:{...}`. */
function methodOf(text: string): object {
  const colon = text.indexOf(':');
  if (colon < 0) return { name: text };
  return { name: text.slice(0, colon), options: jsonFlag(text.slice(colon + 1), `--method ${text.slice(0, colon)}`) };
}

async function specOf(values: Values): Promise<unknown> {
  if (values.spec !== undefined) {
    const others = (Object.keys(values) as (keyof Values)[]).filter(
      (name) => !['spec', 'out', 'eager', 'service', ...Object.keys(serviceFlags)].includes(name),
    );
    if (others.length > 0)
      throw new AppError('USAGE', `--spec says everything; leave out ${others.map((name) => `--${name}`).join(', ')}`);
    return readSpec(values.spec);
  }
  return {
    models: [await modelOf(values)],
    dataset: {
      ref: required(values.dataset, '--dataset'),
      options: { validationSplit: 0.2, ...jsonFlag(values['dataset-options'], '--dataset-options') },
    },
    methods: (values.method ?? []).map(methodOf),
    ...(values.seed === undefined
      ? {}
      : { seeds: values.seed.map((seed) => integerFlag(seed, '--seed', 0, [0, Number.MAX_SAFE_INTEGER])) }),
    ...(values['learning-rate'] === undefined ? {} : { learningRates: values['learning-rate'].map(Number) }),
    ...(values.baselines === undefined ? {} : { baselines: values.baselines }),
    training: {
      epochs: integerFlag(values.epochs, '--epochs', 10, [0, 10_000]),
      ...jsonFlag(values.training, '--training'),
    },
  };
}

function describe(report: ComparisonReport, cell: Cell, state: CellState): string {
  const found = report.cells.find(({ id }) => id === cell.id);
  const name = `${found?.model} | ${found?.training} | ${found?.method} | seed ${found?.seed}`;
  if (state.status === 'failed') return `${name}: failed: ${state.error.code}: ${state.error.message}`;
  if (state.status !== 'done') return `${name}: ${state.status}`;
  const { initialisation, training } = state.result;
  const percent = (value: number) => `${(100 * value).toFixed(1)} %`;
  const diverged = training.divergedAt === null ? '' : `, diverged at step ${training.divergedAt}`;
  return `${name}: Acc_1 ${percent(training.accuracyFirst)}, Acc_best ${percent(training.accuracyBest)}${diverged} (init ${initialisation.seconds.toFixed(1)} s, training ${training.seconds.toFixed(1)} s)`;
}

/** The table of results as aligned text. */
function tableText(report: ComparisonReport): string {
  const head = ['model', 'training', 'method', ...columns.map(({ title }) => title)];
  const body = report.rows.map((row) => [row.model, row.training, row.method, ...columns.map(({ text }) => text(row))]);
  const widths = head.map((title, index) => Math.max(title.length, ...body.map((line) => line[index]?.length ?? 0)));
  return [head, ...body]
    .map((line) =>
      line
        .map((text, index) => text.padEnd(widths[index] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

async function writeReports(out: string, report: ComparisonReport): Promise<void> {
  const { toHtml } = await import('../comparison/report/html.ts');
  await writeWhole(path.join(out, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
  await writeWhole(path.join(out, 'report.md'), toMarkdown(report));
  await writeWhole(path.join(out, 'report.html'), await toHtml(report));
}

async function remotely(values: Values, out: string): Promise<number> {
  if (values.eager) throw new AppError('USAGE', '--eager is for runs here; a service decides for itself how it runs');
  const { signal, release } = abortOnSignals();
  try {
    const spec = parseComparisonSpec(await specOf(values));
    return await compareOnService({ client: connect(values), spec, out, json: values.json ?? false, signal });
  } finally {
    release();
  }
}

/** Runs the command. Returns exit code 1 when a cell failed. */
export async function run(args: readonly string[]): Promise<number> {
  const parsed = parseFlags(args, flags, usage);
  if (!parsed) return 0;
  const { values } = parsed;
  const out = path.resolve(required(values.out, '--out'));
  if (values.service) return remotely(values, out);
  const sources = localSources();
  const plan = await planComparison(parseComparisonSpec(await specOf(values)), sources);
  await openFolder(out, plan);
  const { signal, release } = abortOnSignals();
  const progress = createProgress(process.stderr, 10_000);
  const print = (document: object) => console.log(JSON.stringify(document));
  const empty = buildComparisonReport(plan, new Map());
  if (values.json)
    print({
      event: 'plan',
      cells: plan.cells.length,
      inapplicable: empty.rows
        .filter(({ status }) => status === 'inapplicable')
        .map(({ model, training, method, note }) => ({ model, training, method, note })),
    });
  try {
    const states = await runComparison(plan, out, {
      sources,
      signal,
      execution: values.eager ? 'eager' : 'graph',
      onCell(cell, state, finished) {
        progress.finish();
        if (values.json) print({ event: 'cell', id: cell.id, finished, cells: plan.cells.length, state });
        else if (state.status !== 'cancelled')
          console.error(`[${finished}/${plan.cells.length}] ${describe(empty, cell, state)}`);
      },
      onIteration: (_, metrics) => values.json || !process.stderr.isTTY || progress.show(metrics),
    });
    const report = buildComparisonReport(plan, states);
    await writeReports(out, report);
    if (signal.aborted)
      throw new AppError('CANCELLED', `stopped; what is finished is in ${out}, the same command continues`);
    if (values.json) print({ event: 'done', out, rows: report.rows, best: report.best });
    else console.log(`${tableText(report)}\n\nreport: ${path.join(out, 'report.html')}`);
    return report.rows.some(({ status }) => status === 'failed' || status === 'partial') ? 1 : 0;
  } finally {
    release();
  }
}
