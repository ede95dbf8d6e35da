/** gradinit inspect: describes a model and the resources of a run, and computes its outputs for given weights and inputs. */
import { checkWeights, weightNotices } from '../artifacts/check-weights.ts';
import { readWeights } from '../artifacts/read.ts';
import { AppError } from '../errors.ts';
import type { ParsedModel } from '../models/index.ts';
import type { NDArray } from '../ndarray.ts';
import { initialWeights } from '../topology/draw-initial.ts';
import { splitHead } from '../topology/structure/head.ts';
import { describe, estimateMemory } from '../topology/summary.ts';
import type { Topology } from '../topology/topology.ts';
import { integerFlag, parseFlags, required } from './args.ts';
import { readModelFile } from './model-file.ts';
import { pickInputs } from './tensor-files.ts';

export const usage = `usage: gradinit inspect --model FILE [--weights FILE --inputs FILE [--mode train|eval]] [--batch N] [--json]

  --weights FILE   safetensors, npz or tfjs model.json with shards
  --inputs FILE    safetensors or npz with the model's inputs: x, x0, x1, ..., or the name of each input layer
  --mode NAME      eval: moving statistics (default); train: those of the inputs; dropout is off in both
  --batch N        samples that the memory estimate counts (default 128)
  --json           one JSON document`;

/** For every parameter, whether GradInit scales it, with the reason where it does not. */
function scaling(topology: Topology, weights: ReadonlyMap<string, NDArray<'float32'>>) {
  return topology.layers.flatMap((layer) =>
    layer.params.map(({ name, shape, group }) => {
      const zero = weights.get(name)?.data.every((value) => value === 0) ?? true;
      const reason = group === 'none' ? 'not trained' : zero ? 'zero norm' : null;
      return { name, shape, group, scaled: reason === null, ...(reason === null ? {} : { reason }) };
    }),
  );
}

const modes = { eval: 'moving', train: 'batch' } as const;

interface ComputeFiles {
  readonly weights: string;
  readonly inputs: string;
  readonly mode: string;
}

/** The outputs for the inputs, and notices about the weights. */
async function computeOutputs(topology: Topology, { weights: weightsFile, inputs, mode }: ComputeFiles) {
  if (mode !== 'eval' && mode !== 'train') throw new AppError('USAGE', `--mode must be train or eval, got "${mode}"`);
  const params = topology.layers.flatMap((layer) => layer.params);
  const given = await readWeights(weightsFile);
  const weights = checkWeights(given, params);
  const { infer } = await import('../engine/network/infer.ts');
  const outputs = await infer(topology, weights, pickInputs(topology, await readWeights(inputs)), modes[mode]);
  const plain = outputs.map(({ shape, data }) => ({ shape, data: Array.from(data) }));
  return { outputs: plain.length === 1 ? plain[0] : plain, weightNotices: weightNotices(given, params) };
}

/** Kernels of a second-order run that have no verified gradient rule, by layer. */
async function unprovenKernels(topology: Topology) {
  const { installGradients, provenOrderOf } = await import('../engine/gradients/index.ts');
  const { layerKernels } = await import('../engine/network/layer-kernels.ts');
  installGradients();
  return layerKernels(splitHead(topology).topology)
    .map(({ layer, kernels }) => ({ layer, kernels: kernels.filter((kernel) => provenOrderOf(kernel) < 2) }))
    .filter(({ kernels }) => kernels.length > 0);
}

const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

function print(document: Awaited<ReturnType<typeof inspectModel>>): void {
  console.log(
    `${document.name} (${document.format}): ${document.parameters.total} parameters, ${document.parameters.trainable} trainable\n`,
  );
  for (const { name, className, outputShape, params } of document.layers) {
    console.log(`  ${name.padEnd(32)} ${className.padEnd(24)} [${outputShape}]`.padEnd(84), params);
  }
  const scaled = document.params.filter((param) => param.scaled);
  console.log(`\n  ${scaled.length} of ${document.params.length} tensors would be scaled; head: ${document.head}`);
  const unproven = document.unprovenKernels.map(({ layer, kernels }) => `${layer}: ${kernels.join(', ')}`);
  console.log(`  kernels without a proven second-order rule: ${unproven.join('; ') || 'none'}`);
  const { batch, secondOrderStep } = document.memory;
  console.log(`  a second-order step on ${batch} samples needs about ${mebibytes(secondOrderStep)}`);
}

async function inspectModel({ topology, format }: ParsedModel, batch: number) {
  const { rows, totalParams, trainableParams } = describe(topology);
  return {
    name: topology.name,
    format,
    notices: topology.notices ?? [],
    head: splitHead(topology).head,
    layers: rows,
    params: scaling(topology, initialWeights(topology, 0)),
    parameters: { total: totalParams, trainable: trainableParams },
    unprovenKernels: await unprovenKernels(topology),
    memory: { batch, ...estimateMemory(topology, batch) },
  };
}

export async function run(args: readonly string[]): Promise<number> {
  const options = {
    model: { type: 'string' },
    weights: { type: 'string' },
    inputs: { type: 'string' },
    mode: { type: 'string' },
    batch: { type: 'string' },
    json: { type: 'boolean' },
  } as const;
  const parsed = parseFlags(args, options, usage);
  if (!parsed) return 0;
  const { values } = parsed;
  const file = required(values.model, '--model');
  if ((values.weights === undefined) !== (values.inputs === undefined))
    throw new AppError('USAGE', '--weights and --inputs go together');
  const batch = integerFlag(values.batch, '--batch', 128, [1, 1_000_000]);
  const model = await readModelFile(file);
  const document = await inspectModel(model, batch);
  const { weights, inputs, mode = 'eval' } = values;
  const computed =
    weights === undefined || inputs === undefined
      ? {}
      : await computeOutputs(model.topology, { weights, inputs, mode });
  if (values.json) console.log(JSON.stringify({ ...document, ...computed }));
  else {
    print(document);
    if ('outputs' in computed) console.log(`\n  outputs: ${JSON.stringify(computed.outputs)}`);
  }
  return 0;
}
