/** gradinit verify: compares exact second-order gradients of a model with finite differences. */

import { parseJobSpec } from '../contract/job-spec.ts';
import { createDraws } from '../engine/feeding/draws.ts';
import { AppError } from '../errors.ts';
import { prepareRun } from '../jobs/prepare.ts';
import { integerFlag, jsonFlag, parseFlags, required } from './args.ts';
import { readModelJson } from './model-file.ts';
import { localSources } from './sources.ts';
import { lossOf, outputOf } from './spec-flags.ts';

export const usage = `usage: gradinit verify --model FILE --dataset REF [OPTIONS]

Compares the derivative of the gradient norm with respect to every scale with central differences. Exit code 1 when a scale is off by more than 2 %,
or when none could be judged (derivatives below 1 % of the largest are not). The branches of ReLUs, max pooling and the like are held
where they are while a scale is moved.

  --dataset REF            builtin:digits, file:PATH or a path
  --dataset-options JSON   options of the dataset
  --weights FILE           start from these weights instead of the topology's initialisers
  --norm l2|l1             the norm of SGD (default) or Adam
  --loss NAME              default: inferred; of a model with several outputs once for each, in their order
  --loss-weight N          as often as --loss: their factors (default: 1)
  --output NAME            of a model with several outputs the one that the targets belong to, by name or position
  --batch N                samples (default 32)
  --parameters N           check a seeded sample of N scales, those with large derivatives first (default: all)
  --seed N                 default 0
  --eager                  operation by operation instead of as one recorded graph
  --json                   one JSON document`;

const toleratedError = 0.02;

const flags = {
  model: { type: 'string' },
  dataset: { type: 'string' },
  'dataset-options': { type: 'string' },
  weights: { type: 'string' },
  norm: { type: 'string' },
  loss: { type: 'string', multiple: true },
  'loss-weight': { type: 'string', multiple: true },
  output: { type: 'string' },
  batch: { type: 'string' },
  parameters: { type: 'string' },
  seed: { type: 'string' },
  eager: { type: 'boolean' },
  json: { type: 'boolean' },
} as const;

export async function run(args: readonly string[]): Promise<number> {
  const parsed = parseFlags(args, flags, usage);
  if (!parsed) return 0;
  const { values } = parsed;
  const { norm = 'l2' } = values;
  if (norm !== 'l1' && norm !== 'l2') throw new AppError('USAGE', `--norm must be l2 or l1, got "${norm}"`);
  const seed = integerFlag(values.seed, '--seed', 0, [0, Number.MAX_SAFE_INTEGER]);
  const spec = parseJobSpec({
    model: { topology: await readModelJson(required(values.model, '--model')) },
    dataset: {
      ref: required(values.dataset, '--dataset'),
      options: jsonFlag(values['dataset-options'], '--dataset-options'),
    },
    method: { name: 'gradinit' },
    ...lossOf(values),
    ...outputOf(values.output),
    ...(values.weights === undefined ? {} : { weights: { ref: values.weights } }),
    seed,
  });
  const { problem } = await prepareRun(spec, localSources());
  const { samples } = problem;
  if (!samples) throw new AppError('DATASET_NOT_FOUND', 'verify needs a dataset');
  const batchSize = integerFlag(values.batch, '--batch', Math.min(32, samples.size), [1, samples.size]);
  const batch = samples.gather(createDraws({ size: samples.size, seed, batchSize }).next());
  const parameters = integerFlag(values.parameters, '--parameters', Number.MAX_SAFE_INTEGER, [
    1,
    Number.MAX_SAFE_INTEGER,
  ]);
  const { isVerified, verifyScaleGradients } = await import('../engine/verify/index.ts');
  const result = await verifyScaleGradients(problem, batch, {
    norm,
    parameters,
    execution: values.eager ? 'eager' : 'graph',
    onScale: (done, total) => {
      if (process.stderr.isTTY) process.stderr.write(done < total ? `\r${done}/${total}` : '\r');
    },
  });
  const passed = isVerified(result, toleratedError);
  if (values.json)
    console.log(JSON.stringify({ passed, tolerance: toleratedError, norm, batch: batchSize, ...result }));
  else print(result, passed);
  return passed ? 0 : 1;
}

function print(
  result: Awaited<ReturnType<typeof import('../engine/verify/index.ts').verifyScaleGradients>>,
  passed: boolean,
): void {
  console.log(`loss ${result.loss.toPrecision(6)}, gradient norm ${result.gradientNorm.toPrecision(6)}\n`);
  console.log(`${'parameter'.padEnd(44)} ${'exact'.padStart(13)} ${'difference'.padStart(13)} ${'error'.padStart(9)}`);
  for (const { parameter, exact, difference, relativeError, verdict } of result.scales) {
    const error = verdict === 'judged' ? `${(100 * relativeError).toFixed(3)} %` : `(${verdict})`;
    console.log(
      `${parameter.padEnd(44)} ${exact.toExponential(5).padStart(13)} ${difference.toExponential(5).padStart(13)} ${error.padStart(9)}`,
    );
  }
  const { scales, judged, total, worst } = result;
  const small = scales.filter(({ verdict }) => verdict === 'small').length;
  const without = scales.length - judged - small;
  console.log(
    `\n${judged} judged of ${scales.length} checked, of ${total} scales; ${small} below 1 % of the largest derivative, ${without} without a derivative`,
  );
  if (judged === 0)
    console.log('FAILED: no scale could be judged, so nothing is shown; check more scales, or another batch');
  else console.log(`${passed ? 'ok' : 'FAILED'}: worst error ${(100 * worst).toFixed(3)} %, tolerated 2 %`);
}
