/** gradinit init: one model, one dataset, one method, weights on disk. */
import { artifactFormat } from '../artifacts/index.ts';
import { checkOutput, publishArtifacts } from '../artifacts/publish.ts';
import { parseJobSpec } from '../contract/job-spec.ts';
import { AppError } from '../errors.ts';
import { type RunOutcome, runJob } from '../jobs/run.ts';
import { abortOnSignals } from './abort-on-signals.ts';
import { integerFlag, jsonFlag, parseFlags, required } from './args.ts';
import { readModelJson } from './model-file.ts';
import { createProgress } from './progress.ts';
import { localSources } from './sources.ts';

const usage = `usage: gradinit init --model FILE | --zoo NAME  --dataset REF --method NAME --out DIR [OPTIONS]

  --model FILE             topology: tfjs-layers or Keras 3 JSON
  --zoo NAME               a network of the zoo (gradinit zoo) instead of a file
  --zoo-options JSON       its options
  --dataset REF            builtin:digits, file:PATH or a path; data-free methods need none
  --dataset-options JSON   options of the dataset
  --method NAME            gradinit, kaiming, ...
  --options JSON           options of the method
  --loss NAME              default: inferred from model and data
  --weights FILE           start from these weights instead of the topology's initialisers
  --seed N                 default 0
  --format NAME            safetensors, tfjs-layers, npz; may be repeated (default safetensors and tfjs-layers)
  --out DIR                where the artifact goes, whole or not at all
  --overwrite              replace an artifact that is there
  --eager                  operation by operation instead of as one recorded graph
  --json                   progress and result as JSON lines on standard output`;

const flags = {
  model: { type: 'string' },
  zoo: { type: 'string' },
  'zoo-options': { type: 'string' },
  dataset: { type: 'string' },
  'dataset-options': { type: 'string' },
  method: { type: 'string' },
  options: { type: 'string' },
  loss: { type: 'string' },
  weights: { type: 'string' },
  seed: { type: 'string' },
  format: { type: 'string', multiple: true },
  out: { type: 'string' },
  overwrite: { type: 'boolean' },
  eager: { type: 'boolean' },
  json: { type: 'boolean' },
} as const;

type Values = NonNullable<ReturnType<typeof parseFlags<typeof flags>>>['values'];

async function modelOf({ model, zoo, ...values }: Values): Promise<object> {
  if ((model === undefined) === (zoo === undefined)) throw new AppError('USAGE', 'give either --model FILE or --zoo NAME');
  if (zoo !== undefined) return { format: 'zoo', name: zoo, options: jsonFlag(values['zoo-options'], '--zoo-options') };
  return { topology: await readModelJson(required(model, '--model')) };
}

async function specOf(values: Values) {
  const datasetOptions = jsonFlag(values['dataset-options'], '--dataset-options');
  return parseJobSpec({
    model: await modelOf(values),
    method: { name: required(values.method, '--method'), options: jsonFlag(values.options, '--options') },
    seed: integerFlag(values.seed, '--seed', 0, [0, Number.MAX_SAFE_INTEGER]),
    ...(values.dataset === undefined ? {} : { dataset: { ref: values.dataset, options: datasetOptions } }),
    ...(values.loss === undefined ? {} : { loss: values.loss }),
    ...(values.weights === undefined ? {} : { weights: { ref: values.weights } }),
    ...(values.format === undefined ? {} : { artifacts: values.format.map((name) => artifactFormat(name).name) }),
  });
}

/** What came out, for people. */
export function summarize({ result, history, prepared }: RunOutcome, out: string): string {
  const scales = Object.entries(result.scales ?? {}).sort((a, b) => a[1] - b[1]);
  const lines = [`${prepared.method.method.name}: ${result.weights.size} tensors, ${history.length} iterations, ${result.statistics.seconds.toFixed(1)} s`];
  const [first, last] = [history[0], history.at(-1)];
  if (first && last) {
    const row = (name: string, before: number | null, after: number | null) => `  ${name.padEnd(16)}${(before ?? NaN).toPrecision(5).padStart(12)}${(after ?? NaN).toPrecision(5).padStart(12)}`;
    lines.push(`  ${''.padEnd(16)}${'first batch'.padStart(12)}${'last batch'.padStart(12)}`);
    lines.push(row('loss', first.loss, last.loss), row('gradient norm', first.gradientNorm, last.gradientNorm));
  }
  if (scales.length > 0) {
    const text = (list: typeof scales) => list.map(([name, scale]) => `${name} ${scale.toFixed(4)}`).join(', ');
    lines.push(`  smallest scales: ${text(scales.slice(0, 3))}`, `  largest scales:  ${text(scales.slice(-3).reverse())}`);
  }
  for (const { parameter, reason } of (result.skipped ?? []).slice(0, 3)) lines.push(`  skipped ${parameter}: ${reason}`);
  if ((result.skipped?.length ?? 0) > 3) lines.push(`  ... and ${(result.skipped?.length ?? 0) - 3} more, see report.json`);
  return [...lines, `  artifact: ${out}`].join('\n');
}

/** Runs the command. */
export async function init(args: readonly string[]): Promise<number> {
  const parsed = parseFlags(args, flags, usage);
  if (!parsed) return 0;
  const { values } = parsed;
  const out = required(values.out, '--out');
  const overwrite = values.overwrite ?? false;
  const spec = await specOf(values);
  await checkOutput(out, { overwrite });
  const { signal, release } = abortOnSignals();
  const progress = createProgress(process.stderr);
  const printJson = (document: object) => console.log(JSON.stringify(document));
  try {
    const outcome = await runJob(
      spec,
      {
        sources: localSources(),
        publish: async (content, formats) => {
          await publishArtifacts(out, formats.map(artifactFormat), content, { overwrite, signal });
        },
        onPhase: (phase) => values.json && printJson({ event: 'phase', phase }),
      },
      {
        signal,
        execution: values.eager ? 'eager' : 'graph',
        onIteration: (metrics) => (values.json ? printJson({ event: 'iteration', ...metrics }) : progress.show(metrics)),
      },
    );
    progress.finish();
    if (values.json) printJson({ event: 'done', out, scales: outcome.result.scales ?? {}, skipped: outcome.result.skipped ?? [], statistics: outcome.result.statistics });
    else console.log(summarize(outcome, out));
    return 0;
  } finally {
    release();
  }
}
