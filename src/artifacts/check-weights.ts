/** Given weights against the parameters of a network: all there, nothing else, right shapes, finite. */
import { AppError } from '../errors.ts';
import { type NDArray, ndarray, sizeOf } from '../ndarray.ts';
import type { Param } from '../topology/topology.ts';
import { matchNames } from './match-names.ts';

type Expected = Pick<Param, 'name' | 'shape'> & Partial<Pick<Param, 'saved' | 'stored' | 'initializer'>>;

/** How many samples a Normalization was adapted to, which Keras counts in whole numbers. */
const isCount = (name: string) => name.endsWith('/count');

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

/** What was done with the given weights without an error, for reports. */
export function weightNotices(given: DescribedWeights, params: readonly Expected[]): string[] {
  const weights = conformed(given, params, (weight) => weight);
  const { names, rest } = matchNames(params, weights);
  const absent = params.filter(({ name }) => !names.has(name)).map(({ name }) => name);
  const ignored = rest.length === 0 ? [] : [`ignored, no parameter asks for them: ${rest.join(', ')}`];
  return absent.length === 0
    ? ignored
    : [...ignored, `missing, set to their initial values (mean 0, variance 1): ${absent.join(', ')}`];
}

/** State that PyTorch saves and no training moves may be missing: it then begins as its module begins it. */
const mayBeMissing = ({ name, saved }: Expected) => isMovingStatistic(name) || saved?.isBuffer === true;

/**
 * The weights under the first of each parameter's names, whole numbers and truth values of buffers as floats. Other names of a tied tensor are left out
 * where the first, or one of them, is there.
 */
function conformed<W extends DescribedWeight>(
  weights: ReadonlyMap<string, W>,
  params: readonly Expected[],
  asFloat: (weight: W) => W,
): ReadonlyMap<string, W> {
  if (!params.some(({ saved }) => saved)) return weights;
  const result = new Map(weights);
  for (const { name, saved } of params) {
    if (!saved) continue;
    const found = [name, ...saved.aliases].map((alias) => weights.get(alias)).find((weight) => weight !== undefined);
    for (const alias of saved.aliases) result.delete(alias);
    if (found) result.set(name, saved.isBuffer ? asFloat(found) : found);
  }
  return result;
}

const floatArray = (array: NDArray): NDArray<'float32'> =>
  array.dtype === 'float32' ? array : ndarray('float32', array.shape, Float32Array.from(array.data));

const defaultStatistic = ({ name, shape, saved, initializer }: Expected): NDArray<'float32'> =>
  ndarray('float32', shape, new Float32Array(sizeOf(shape)).fill(startOf(name, saved && initializer)));

const startOf = (name: string, initializer: Expected['initializer'] | undefined): number =>
  initializer?.kind === 'constant' ? initializer.value : name.endsWith('variance') ? 1 : 0;

/**
 * The weights of `params`, in their order, found by the rules of match-names.ts. Missing moving statistics are mean 0 and variance 1; states of
 * generators and optimizers are left aside. `weightNotices` names both.
 *
 * @throws WEIGHTS_MISMATCH naming every parameter that is missing, unexpected, of another shape or dtype, or not finite
 */
export function checkWeights(
  given: ReadonlyMap<string, NDArray>,
  params: readonly Expected[],
): Map<string, NDArray<'float32'>> {
  const weights = conformed(given, params, floatArray);
  const problem = weightsProblem(weights, params, problemOfArray);
  if (problem !== null) throw problem;
  const { names } = matchNames(params, weights);
  return new Map(
    params.map((param) => {
      const found = weights.get(names.get(param.name) ?? '');
      return [param.name, found ? ndarray('float32', param.shape, floatArray(found).data) : defaultStatistic(param)];
    }),
  );
}

/** WEIGHTS_MISMATCH with every parameter that is missing, unexpected, of another shape or dtype; null when all fit. */
export function weightsProblem<W extends DescribedWeight>(
  given: ReadonlyMap<string, W>,
  params: readonly Expected[],
  problemOfContent: (weight: W) => string | null = () => null,
): AppError | null {
  const weights = conformed(given, params, (weight) => ({ ...weight, dtype: 'float32' }));
  const { names, rest } = matchNames(params, weights);
  const extra = rest.filter((name) => !isIgnored(name, weights.get(name) as W));
  const problems = extra.map((name) => ({ name, problem: 'is no parameter of the model' }));
  for (const param of params) {
    const weight = weights.get(names.get(param.name) ?? '');
    if (weight === undefined && mayBeMissing(param)) continue;
    const problem = problemOf(param, weight) ?? (weight === undefined ? null : problemOfContent(weight));
    if (problem !== null) problems.push({ name: param.name, problem });
  }
  if (problems.length === 0) return null;
  const lines = problems.slice(0, shown).map(({ name, problem }) => `${JSON.stringify(name)} ${problem}`);
  if (problems.length > shown) lines.push(`and ${problems.length - shown} more`);
  const torch =
    !params.some(({ saved }) => saved) && rest.some(isPyTorch)
      ? '. The names are those of PyTorch, whose kernels have another order of axes: convert them to the names and shapes above'
      : '';
  return new AppError('WEIGHTS_MISMATCH', `the weights do not fit the model: ${lines.join('; ')}${torch}`, {
    details: { problems },
  });
}

function problemOf({ name, shape }: Expected, weight: DescribedWeight | undefined): string | null {
  if (weight === undefined) return `is missing (expected shape [${shape}])`;
  if (weight.dtype !== 'float32' && !isCount(name)) return `is ${weight.dtype}, expected float32`;
  return sameShape(weight.shape, shape) ? null : `has shape [${weight.shape}], expected [${shape}]`;
}

function problemOfArray({ data }: NDArray): string | null {
  const bad = data.findIndex((value) => !Number.isFinite(value));
  return bad < 0 ? null : `holds ${data[bad]} at element ${bad}`;
}
