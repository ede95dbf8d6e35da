/** gradinit replay DIR: runs a recorded reference case and prints its iterations in the layout of the recording. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Batch, SampleSource } from '../batch.ts';
import { readSafetensors } from '../codecs/safetensors.ts';
import { configureMethod } from '../engine/methods/index.ts';
import type { IterationMetrics } from '../engine/run.ts';
import { AppError } from '../errors.ts';
import { type NDArray, ndarray, sizeOf } from '../ndarray.ts';
import { parseFlags } from './args.ts';
import { readModelFile } from './model-file.ts';

export const usage = `usage: gradinit replay DIR [--expected FILE] [--eager]

Replays a reference case (model.json, weights.safetensors, batches.safetensors, expected.json in DIR) and prints
{ "iterations": [...] } on standard output.

  --expected FILE   the recording to take configuration and draws from (default DIR/expected.json)
  --eager           operation by operation instead of as one recorded graph`;

const Config = Type.Object({
  algorithm: Type.String(),
  flavour: Type.Union([Type.Literal('cifar'), Type.Literal('fairseq')]),
  iterations: Type.Integer({ minimum: 1 }),
  optimizer: Type.Optional(Type.String()),
  eta: Type.Optional(Type.Number()),
  gamma: Type.Optional(Type.Number()),
  normalize_grad: Type.Optional(Type.Boolean()),
  lr: Type.Number(),
  beta1: Type.Number(),
  beta2: Type.Number(),
  adam_eps: Type.Number(),
  min_scale_weight: Type.Number(),
  grad_clip: Type.Number(),
  no_overlap: Type.Optional(Type.Boolean()),
  lr_layer_norm: Type.Optional(Type.Number()),
  max_scale_layer_norm: Type.Optional(Type.Number()),
  gradient_quotient_eps: Type.Optional(Type.Number()),
});
const Recorded = Type.Object({ config: Config, draws: Type.Array(Type.Array(Type.Integer({ minimum: 0 }))) });
type Recorded = Static<typeof Recorded>;

/** The configuration of the recording as options of the method. */
function optionsOf({ config, draws }: Recorded): Record<string, unknown> {
  const drawSize = Math.max(...draws.map((draw) => draw.length));
  const shared = {
    learningRate: config.lr,
    iterations: config.iterations,
    minScale: config.min_scale_weight,
    gradientClip: config.grad_clip,
    beta1: config.beta1,
    beta2: config.beta2,
    adamEpsilon: config.adam_eps,
  };
  if (config.algorithm === 'metainit')
    return { ...shared, batchSize: drawSize, quotientEpsilon: config.gradient_quotient_eps };
  const { lr_layer_norm: layerNormRate, max_scale_layer_norm: layerNormMaxScale } = config;
  return {
    ...shared,
    preset: 'released',
    flavour: config.flavour,
    optimizer: config.optimizer,
    eta: config.eta,
    gamma: config.gamma ?? null,
    normalizeGradient: config.normalize_grad ?? false,
    batchSize: config.flavour === 'cifar' ? 2 * drawSize : drawSize,
    overlap: !config.no_overlap,
    // In the official code a negative value means "the same as for other parameters".
    ...(layerNormRate !== undefined && layerNormRate > 0 ? { layerNormLearningRate: layerNormRate } : {}),
    ...(layerNormMaxScale !== undefined ? { layerNormMaxScale } : {}),
  };
}

/** The recordings use the name 'metainit' for the variant in the GradInit authors' code. */
const methodOf = (algorithm: string) => (algorithm === 'metainit' ? 'metainit-gradinit-repo' : algorithm);

/** The data of the recorded case as a source of samples. */
function sampleSource(x: NDArray, y: NDArray): SampleSource {
  if (x.dtype === 'uint8' || y.dtype !== 'int32')
    throw new AppError('REPLAY_MALFORMED', 'batches.safetensors: x must be float32 or int32, y int32');
  const [size = 0, ...shape] = x.shape;
  const width = sizeOf(shape);
  const rows = (
    source: Float32Array | Int32Array,
    indices: ArrayLike<number>,
    into: Float32Array | Int32Array,
    stride: number,
  ) => {
    for (let row = 0; row < indices.length; row++) {
      const start = (indices[row] ?? 0) * stride;
      into.set(source.subarray(start, start + stride), row * stride);
    }
  };
  const gather = (indices: ArrayLike<number>): Batch => {
    const count = indices.length;
    const input = x.dtype === 'int32' ? new Int32Array(count * width) : new Float32Array(count * width);
    const labels = new Int32Array(count);
    rows(x.data, indices, input, width);
    rows(y.data, indices, labels, 1);
    const inputs = [
      input instanceof Int32Array
        ? ndarray('int32', [count, ...shape], input)
        : ndarray('float32', [count, ...shape], input),
    ];
    return { inputs, targets: ndarray('int32', [count], labels) };
  };
  return {
    size,
    inputShapes: [shape],
    inputDtypes: [x.dtype],
    targets: { kind: 'classes', classes: Math.max(...y.data) + 1 },
    gather,
  };
}

/** Throws REPLAY_MALFORMED for data and draws that do not match. */
function checkDraws({ draws }: Recorded, x: NDArray, y: NDArray): void {
  const [size = 0] = x.shape;
  if (y.shape[0] !== size)
    throw new AppError('REPLAY_MALFORMED', `batches.safetensors: x has ${size} samples, y ${y.shape[0]}`);
  draws.forEach((draw, position) => {
    const beyond = draw.find((index) => index >= size);
    if (beyond !== undefined)
      throw new AppError('REPLAY_MALFORMED', `draws/${position} names sample ${beyond}, there are ${size}`);
  });
}

async function readRecorded(file: string): Promise<Recorded> {
  let recorded: unknown;
  try {
    recorded = JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new AppError(
      'REPLAY_MALFORMED',
      `${file} cannot be read: ${cause instanceof Error ? cause.message : cause}`,
      { cause },
    );
  }
  if (Value.Check(Recorded, recorded)) return recorded;
  const [error] = Value.Errors(Recorded, recorded);
  throw new AppError('REPLAY_MALFORMED', `${file}${error?.instancePath ?? ''} ${error?.message ?? 'is malformed'}`);
}

/** One iteration in the layout of the recording, which lists the scales of all trainable tensors, also of those that the method does not change. */
function toRecord(
  metrics: IterationMetrics,
  clip: number,
  unitScales: Readonly<Record<string, number>>,
): Record<string, unknown> {
  const unclipped = metrics.scaleGradients ?? {};
  const clipped = Object.entries(unclipped).map(([name, q]) => [
    name,
    clip > 0 ? Math.min(Math.max(q, -clip), clip) : q,
  ]);
  const numbers =
    metrics.branch === 'gradient_quotient'
      ? {
          loss: metrics.loss,
          gradient_quotient: metrics.objective,
          grad_sq_norm: (metrics.gradientNorm ?? Number.NaN) ** 2,
        }
      : {
          loss_S: metrics.loss,
          gnorm: metrics.gradientNorm,
          loss_S_tilde: metrics.steppedLoss ?? null,
          objective: metrics.objective,
        };
  return {
    iteration: metrics.iteration,
    branch: metrics.branch,
    ...numbers,
    scale_grad_unclipped: unclipped,
    scale_grad: Object.fromEntries(clipped),
    scale: { ...unitScales, ...metrics.scales },
  };
}

/** Tensors of a safetensors file as weights. Each must be float32. */
function floatWeights(tensors: ReadonlyMap<string, NDArray>): Map<string, NDArray<'float32'>> {
  return new Map(
    [...tensors].map(([name, array]) => {
      if (array.dtype !== 'float32')
        throw new AppError('REPLAY_MALFORMED', `weights.safetensors: ${name} is ${array.dtype}, expected float32`);
      return [name, array];
    }),
  );
}

/** Runs the command and prints one JSON document. */
export async function run(args: readonly string[]): Promise<number> {
  const parsed = parseFlags(args, { expected: { type: 'string' }, eager: { type: 'boolean' } }, usage);
  if (!parsed) return 0;
  const [folder] = parsed.positionals;
  if (!folder) throw new AppError('USAGE', usage);
  const recorded = await readRecorded(parsed.values.expected ?? path.join(folder, 'expected.json'));
  const method = configureMethod(methodOf(recorded.config.algorithm), optionsOf(recorded));
  const { topology } = await readModelFile(path.join(folder, 'model.json'));
  const weights = floatWeights((await readSafetensors(path.join(folder, 'weights.safetensors'))).tensors);
  const { tensors: batches } = await readSafetensors(path.join(folder, 'batches.safetensors'));
  const [x, y] = [batches.get('x'), batches.get('y')];
  if (!x || !y) throw new AppError('REPLAY_MALFORMED', 'batches.safetensors must hold x and y');
  checkDraws(recorded, x, y);
  const { initialize } = await import('../engine/index.ts');
  const iterations: IterationMetrics[] = [];
  const problem = {
    topology,
    weights,
    samples: sampleSource(x, y),
    loss: { name: 'softmax-cross-entropy', options: {} },
    seed: 0,
    recordedDraws: recorded.draws,
  } as const;
  await initialize(
    { problem, method },
    { execution: parsed.values.eager ? 'eager' : 'graph', onIteration: (metrics) => iterations.push(metrics) },
  );
  const trainable = topology.layers.flatMap((layer) => layer.params).filter((param) => param.group !== 'none');
  const unitScales = Object.fromEntries(trainable.map(({ name }) => [name, 1]));
  const records = iterations.map((metrics) => toRecord(metrics, recorded.config.grad_clip, unitScales));
  console.log(JSON.stringify({ iterations: records }));
  return 0;
}
