/** Compares given weights with the parameters of a network: each must be present, expected, of the right shape and finite. */
import { AppError } from '../errors.ts';
import { type NDArray, ndarray, sizeOf } from '../ndarray.ts';
import type { Param } from '../topology/topology.ts';
import { matchNames } from './match-names.ts';

type Expected = Pick<Param, 'name' | 'shape'> & Partial<Pick<Param, 'saved' | 'stored' | 'initializer'>>;

/** True for the counter of samples that a Keras Normalization layer was adapted to. Keras stores it as a whole number. */
const isCount = (name: string) => name.endsWith('/count');

/** What is known of a tensor of weights without its values; an NDArray satisfies it too. */
export interface DescribedWeight {
  readonly shape: readonly number[];
  readonly dtype: string;
}
export type DescribedWeights = ReadonlyMap<string, DescribedWeight>;

/** Moving averages of batch normalisation. Frameworks always save them; a network that never uses them may have no such parameter. */
const isMovingStatistic = (name: string) => /(^|[/.])moving_(mean|variance)(:\d+)?$/.test(name);

/** An error message names at most this many parameters; its details name all of them. */
const maxShown = 10;

/** True for tensors that are saved beside parameters: states of random generators, steps and moments of optimizers, counters. */
const isState = (name: string) =>
  /(^|[/._])(seed_generator(_state)?|optimizer(_variables)?|iterations?|step|learning_rate|num_batches_tracked|global_step)(:\d+|$|[/._\d])/.test(
    name,
  );

/** Integer tensors without a parameter are states too; an empty tensor holds nothing. */
const isIgnored = (name: string, { dtype, shape }: DescribedWeight) =>
  isMovingStatistic(name) || isState(name) || dtype !== 'float32' || shape.includes(0);

const isPyTorch = (name: string) => /\.(weight|running_mean|running_var|num_batches_tracked)$/.test(name);

/** Some tools store a scalar as an array of one element, so that shapes [] and [1] are taken as equal. */
const sameShape = (a: readonly number[], b: readonly number[]) =>
  `${a}` === `${b}` || (Math.max(a.length, b.length) === 1 && [...a, ...b].every((extent) => extent === 1));

/** Sentences for reports about what was done with the given weights without an error: states that were ignored, statistics that were missing. */
export function weightNotices(given: DescribedWeights, params: readonly Expected[]): string[] {
  const weights = conformed(given, params, (weight) => weight);
  const { names, rest } = matchNames(params, weights);
  const absent = params.filter(({ name }) => !names.has(name)).map(({ name }) => name);
  const ignored = rest.length === 0 ? [] : [`ignored, no parameter asks for them: ${rest.join(', ')}`];
  return absent.length === 0
    ? ignored
    : [...ignored, `missing, set to their initial values (mean 0, variance 1): ${absent.join(', ')}`];
}

/** A buffer that PyTorch saves but training does not change may be missing; it then keeps the value of a newly made module. */
const mayBeMissing = ({ name, saved }: Expected) => isMovingStatistic(name) || saved?.isBuffer === true;

/**
 * The weights, each under the first of its parameter's names, with integers and booleans of buffers converted to floats. The other names of a tied
 * tensor are dropped when one of its names is present.
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
 * The weights of `params`, in the order of `params`, matched by the rules of match-names.ts. Missing moving statistics become mean 0 and variance 1;
 * states of random generators and optimizers are ignored. `weightNotices` reports both.
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
  // The reports of jobs name what is left out (weightNotices).
  const isPartial = params.some(({ saved }) => saved?.isPartial);
  const extra = isPartial ? [] : rest.filter((name) => !isIgnored(name, weights.get(name) as W));
  const problems = extra.map((name) => ({ name, problem: 'is no parameter of the model' }));
  for (const param of params) {
    const weight = weights.get(names.get(param.name) ?? '');
    if (weight === undefined && mayBeMissing(param)) continue;
    const problem = problemOf(param, weight) ?? (weight === undefined ? null : problemOfContent(weight));
    if (problem !== null) problems.push({ name: param.name, problem });
  }
  if (problems.length === 0) return null;
  const lines = problems.slice(0, maxShown).map(({ name, problem }) => `${JSON.stringify(name)} ${problem}`);
  if (problems.length > maxShown) lines.push(`and ${problems.length - maxShown} more`);
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
