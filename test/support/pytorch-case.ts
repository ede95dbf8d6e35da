/** Runs a recorded PyTorch case (an exported model with the outputs and derivatives that PyTorch computed) and measures the differences. */
import { existsSync, readFileSync } from 'node:fs';
import { checkWeights } from '../../src/artifacts/check-weights.ts';
import { pickInputs, pickTargets } from '../../src/cli/tensor-files.ts';
import { readSafetensors } from '../../src/codecs/safetensors.ts';
import { derivativesOf } from '../../src/engine/derivatives.ts';
import type { LossName } from '../../src/engine/losses/specs.ts';
import { infer } from '../../src/engine/network/infer.ts';
import { type ParsedModel, parseModel } from '../../src/models/index.ts';
import { readModelText } from '../../src/models/model-text.ts';
import type { NDArray } from '../../src/ndarray.ts';
import { firstOutput } from '../../src/topology/structure/head.ts';

export interface About {
  readonly expect: string;
  readonly loss: string;
  readonly state_dict?: readonly { readonly name: string; readonly shape: readonly number[]; readonly dtype: string }[];
  /** Names of one tensor. */
  readonly tied?: readonly (readonly string[])[];
}

export type CaseFile = 'model.pt2' | 'model.onnx';

export interface Errors {
  /** Largest difference of outputs, relative to the largest output; null where none are recorded. */
  readonly train: number | null;
  readonly eval: number | null;
  readonly loss: number;
  readonly l2: number;
  readonly l1: number;
  /** Largest difference of derivatives with respect to scales, relative to the largest derivative. */
  readonly d_l2: number;
  readonly d_l1: number;
}

const losses: Readonly<Record<string, LossName>> = {
  ce: 'softmax-cross-entropy',
  ce_seq: 'softmax-cross-entropy',
  mse: 'mean-squared-error',
};

export const readAbout = (folder: string): About => JSON.parse(readFileSync(`${folder}/about.json`, 'utf8')) as About;

export const readCaseModel = async (folder: string, file: CaseFile = 'model.pt2'): Promise<ParsedModel> =>
  parseModel({ topology: await readModelText(`${folder}/${file}`) });

/** Under the name that an ONNX file keeps of tied tensors, which is the last; other names and those that the file has dropped are left out. */
function asInOnnx<T>(tensors: ReadonlyMap<string, T>, about: About, names: ReadonlySet<string>): Map<string, T> {
  const kept = (name: string) =>
    names.has(name) ? name : about.tied?.find((group) => group.includes(name))?.find((other) => names.has(other));
  return new Map(
    [...tensors].flatMap(([key, tensor]): [string, T][] => {
      const [, prefix = '', name = ''] = /^((?:d_l[12]\/|grad\/)?)(.*)$/.exec(key) ?? [];
      const own = kept(name);
      return own === undefined ? [] : [[prefix + own, tensor]];
    }),
  );
}

function difference(found: NDArray, truth: NDArray | undefined): number | null {
  if (truth === undefined) return null;
  if (`${found.shape}` !== `${truth.shape}`) return Number.POSITIVE_INFINITY;
  let [largest, worst] = [1e-12, 0];
  truth.data.forEach((value, index) => {
    largest = Math.max(largest, Math.abs(value));
    const error = Math.abs(value - (found.data[index] as number));
    worst = Number.isNaN(error) ? Number.POSITIVE_INFINITY : Math.max(worst, error);
  });
  return worst / largest;
}

const relative = (found: number, truth: number) => Math.abs(found - truth) / Math.max(Math.abs(truth), 1e-12);

/** Compares with the recorded `d_l2/NAME` or `d_l1/NAME`. A name on one side only counts as an infinite difference; null counts as 0. */
function scaleError(
  found: Readonly<Record<string, number | null>>,
  truth: ReadonlyMap<string, NDArray>,
  prefix: string,
): number {
  const expected = new Map(
    [...truth]
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, { data }]) => [name.slice(prefix.length), data[0] as number]),
  );
  const largest = Math.max(1e-12, ...[...expected.values()].map(Math.abs));
  const worst = [...expected].map(([name, value]) =>
    name in found ? Math.abs((found[name] ?? 0) - value) : Number.POSITIVE_INFINITY,
  );
  return Math.max(0, ...worst) / largest;
}

export async function measureCase(folder: string, file: CaseFile = 'model.pt2'): Promise<Errors> {
  const about = readAbout(folder);
  const { topology } = await readCaseModel(folder, file);
  const params = topology.layers.flatMap((layer) => layer.params);
  const known = new Set(params.map(({ name }) => name));
  const inFile = <T>(tensors: ReadonlyMap<string, T>) =>
    file === 'model.onnx' ? asInOnnx(tensors, about, known) : tensors;
  const state = await readSafetensors(`${folder}/state.safetensors`);
  const weights = checkWeights(inFile(state.tensors), params);
  const { tensors } = await readSafetensors(`${folder}/inputs.safetensors`);
  const inputs = pickInputs(topology, tensors);
  const outputs = (await readSafetensors(`${folder}/outputs.safetensors`)).tensors;
  const [train] = await infer(topology, weights, inputs, 'batch');
  const [inference] = await infer(topology, weights, inputs, 'moving');
  const truth = JSON.parse(readFileSync(`${folder}/gradients.json`, 'utf8')) as {
    loss: number;
    l2: number;
    l1: number;
  };
  const scales = existsSync(`${folder}/gradients.safetensors`)
    ? (await readSafetensors(`${folder}/gradients.safetensors`)).tensors
    : new Map<string, NDArray>();
  const found = await derivativesOf({
    topology: firstOutput(topology),
    weights,
    batch: { inputs, targets: pickTargets(tensors) },
    loss: losses[about.loss] as LossName,
    execution: 'graph',
  });
  return {
    train: difference(train as NDArray, outputs.get('train64') ?? outputs.get('train')),
    eval: difference(inference as NDArray, outputs.get('eval')),
    loss: relative(found.loss, truth.loss),
    l2: relative(found.l2, truth.l2),
    l1: relative(found.l1, truth.l1),
    d_l2: scaleError(found.d_l2, inFile(scales), 'd_l2/'),
    d_l1: scaleError(found.d_l1, inFile(scales), 'd_l1/'),
  };
}

/** Tolerances: 1e-5 for outputs, loss and norms, 1e-3 of the largest for derivatives. */
const bounds: Readonly<Record<keyof Errors, number>> = {
  train: 1e-5,
  eval: 1e-5,
  loss: 1e-5,
  l2: 1e-5,
  l1: 1e-5,
  d_l2: 1e-3,
  d_l1: 1e-3,
};

type Measure = keyof Errors;

/** What ONNX files of cases do not say, so that the measures that depend on it differ from PyTorch's. */
export const lostInOnnx: Readonly<Record<string, readonly Measure[]>> = {
  // divisor_override has no place in AveragePool.
  avg_pool: ['train', 'eval', 'loss', 'l2', 'l1', 'd_l2', 'd_l1'],
  // The model branches on self.training.
  control_shape: ['eval'],
  // A buffer looks like a parameter.
  buffer_mutation: ['l2', 'l1', 'd_l2', 'd_l1'],
  // detach() is Identity.
  detach_stopgrad: ['l2', 'l1', 'd_l2', 'd_l1'],
  // requires_grad is not written.
  param_direct: ['l2', 'l1', 'd_l2', 'd_l1'],
};

/** Descriptions of the values of a case that exceed their tolerance, but for those that the file cannot give. */
export const excesses = (errors: Errors, factor = 1, lost: readonly Measure[] = []): string[] =>
  (Object.keys(bounds) as Measure[]).flatMap((name) => {
    const error = errors[name];
    return error !== null && !lost.includes(name) && !(error <= bounds[name] * factor) ? [`${name}: ${error}`] : [];
  });
