/** Given weights against the parameters of a network: all there, nothing else, right shapes, finite. */
import { AppError } from '../errors.ts';
import { type NDArray, ndarray, sizeOf } from '../ndarray.ts';
import { matchNames } from './match-names.ts';

interface Expected {
  readonly name: string;
  readonly shape: readonly number[];
}

/** What is known of a tensor of weights; an array describes itself. */
export interface DescribedWeight {
  readonly shape: readonly number[];
  readonly dtype: string;
}
export type DescribedWeights = ReadonlyMap<string, DescribedWeight>;

/** Batch normalisation's running averages: frameworks save them, networks that never use them need not ask for them. */
const isMovingStatistic = (name: string) => /(^|[/.])moving_(mean|variance)(:\d+)?$/.test(name);

/** A message names this many parameters; details name all. */
const shown = 10;

/** Tensors that tools save beside parameters: states of random generators, steps and moments of optimizers, counters. */
const isState = (name: string) =>
  /(^|[/._])(seed_generator(_state)?|optimizer(_variables)?|iterations?|step|learning_rate|num_batches_tracked|global_step)(:\d+|$|[/._\d])/.test(
    name,
  );

/** Whole numbers beside parameters are states too, and an empty tensor is nothing. */
const isIgnored = (name: string, { dtype, shape }: DescribedWeight) =>
  isMovingStatistic(name) || isState(name) || dtype !== 'float32' || shape.includes(0);

const isPyTorch = (name: string) => /\.(weight|running_mean|running_var|num_batches_tracked)$/.test(name);

/** A scalar is sometimes stored as a list of one. */
const sameShape = (a: readonly number[], b: readonly number[]) =>
  `${a}` === `${b}` || (Math.max(a.length, b.length) === 1 && [...a, ...b].every((extent) => extent === 1));

/** What was done with weights that no message tells of otherwise; for reports. */
export function weightNotices(weights: DescribedWeights, params: readonly Expected[]): string[] {
  const { names, rest } = matchNames(params, weights);
  const absent = params.filter(({ name }) => !names.has(name)).map(({ name }) => name);
  const ignored = rest.length === 0 ? [] : [`ignored, no parameter asks for them: ${rest.join(', ')}`];
  return absent.length === 0 ? ignored : [...ignored, `missing, set to mean 0 and variance 1: ${absent.join(', ')}`];
}

const defaultStatistic = ({ name, shape }: Expected): NDArray<'float32'> =>
  ndarray('float32', shape, new Float32Array(sizeOf(shape)).fill(name.endsWith('variance') ? 1 : 0));

/**
 * The weights of `params`, in their order, found by the rules of match-names.ts. Missing moving statistics are mean 0 and variance 1; states of
 * generators and optimizers are left aside. `weightNotices` tells both.
 *
 * @throws WEIGHTS_MISMATCH naming every parameter that is missing, unexpected, of another shape or dtype, or not finite
 */
export function checkWeights(
  weights: ReadonlyMap<string, NDArray>,
  params: readonly Expected[],
): Map<string, NDArray<'float32'>> {
  const problem = weightsProblem(weights, params, problemOfArray);
  if (problem !== null) throw problem;
  const { names } = matchNames(params, weights);
  return new Map(
    params.map((param) => {
      const found = weights.get(names.get(param.name) ?? '') as NDArray<'float32'> | undefined;
      return [param.name, found ? ndarray('float32', param.shape, found.data) : defaultStatistic(param)];
    }),
  );
}

/** WEIGHTS_MISMATCH with every parameter that is missing, unexpected, of another shape or dtype; null when all fit. */
export function weightsProblem<W extends DescribedWeight>(
  weights: ReadonlyMap<string, W>,
  params: readonly Expected[],
  problemOfContent: (weight: W) => string | null = () => null,
): AppError | null {
  const { names, rest } = matchNames(params, weights);
  const extra = rest.filter((name) => !isIgnored(name, weights.get(name) as W));
  const problems = extra.map((name) => ({ name, problem: 'is no parameter of the model' }));
  for (const param of params) {
    const weight = weights.get(names.get(param.name) ?? '');
    if (weight === undefined && isMovingStatistic(param.name)) continue;
    const problem = problemOf(param, weight) ?? (weight === undefined ? null : problemOfContent(weight));
    if (problem !== null) problems.push({ name: param.name, problem });
  }
  if (problems.length === 0) return null;
  const lines = problems.slice(0, shown).map(({ name, problem }) => `${JSON.stringify(name)} ${problem}`);
  if (problems.length > shown) lines.push(`and ${problems.length - shown} more`);
  const torch = rest.some(isPyTorch)
    ? '. The names are those of PyTorch, whose kernels have another order of axes: convert them to the names and shapes above'
    : '';
  return new AppError('WEIGHTS_MISMATCH', `the weights do not fit the model: ${lines.join('; ')}${torch}`, {
    details: { problems },
  });
}

function problemOf({ shape }: Expected, weight: DescribedWeight | undefined): string | null {
  if (weight === undefined) return `is missing (expected shape [${shape}])`;
  if (weight.dtype !== 'float32') return `is ${weight.dtype}, expected float32`;
  return sameShape(weight.shape, shape) ? null : `has shape [${weight.shape}], expected [${shape}]`;
}

function problemOfArray({ data }: NDArray): string | null {
  const bad = data.findIndex((value) => !Number.isFinite(value));
  return bad < 0 ? null : `holds ${data[bad]} at element ${bad}`;
}
