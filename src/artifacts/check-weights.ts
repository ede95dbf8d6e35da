/** Given weights against the parameters of a network: all there, nothing else, right shapes, finite. */
import { AppError } from '../errors.ts';
import type { NDArray } from '../ndarray.ts';

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
const isMovingStatistic = (name: string) => /(^|\/)moving_(mean|variance)$/.test(name);

/** A message names this many parameters; details name all. */
const shown = 10;

/**
 * The weights of `params`, in their order. Moving statistics that `params` does not ask for are ignored.
 *
 * @throws WEIGHTS_MISMATCH naming every parameter that is missing, unexpected, of another shape or dtype, or not finite
 */
export function checkWeights(
  weights: ReadonlyMap<string, NDArray>,
  params: readonly Expected[],
): Map<string, NDArray<'float32'>> {
  const problem = weightsProblem(weights, params, problemOfArray);
  if (problem !== null) throw problem;
  return new Map(params.map(({ name }) => [name, weights.get(name) as NDArray<'float32'>]));
}

/** WEIGHTS_MISMATCH with every parameter that is missing, unexpected, of another shape or dtype; null when all fit. */
export function weightsProblem<W extends DescribedWeight>(
  weights: ReadonlyMap<string, W>,
  params: readonly Expected[],
  problemOfContent: (weight: W) => string | null = () => null,
): AppError | null {
  const wanted = new Set(params.map(({ name }) => name));
  const extra = [...weights.keys()].filter((name) => !wanted.has(name) && !isMovingStatistic(name));
  const problems = extra.map((name) => ({ name, problem: 'is no parameter of the model' }));
  for (const param of params) {
    const weight = weights.get(param.name);
    const problem = problemOf(param, weight) ?? (weight === undefined ? null : problemOfContent(weight));
    if (problem !== null) problems.push({ name: param.name, problem });
  }
  if (problems.length === 0) return null;
  const lines = problems.slice(0, shown).map(({ name, problem }) => `${JSON.stringify(name)} ${problem}`);
  if (problems.length > shown) lines.push(`and ${problems.length - shown} more`);
  return new AppError('WEIGHTS_MISMATCH', `the weights do not fit the model: ${lines.join('; ')}`, {
    details: { problems },
  });
}

function problemOf({ shape }: Expected, weight: DescribedWeight | undefined): string | null {
  if (weight === undefined) return `is missing (expected shape [${shape}])`;
  if (weight.dtype !== 'float32') return `is ${weight.dtype}, expected float32`;
  const fits = weight.shape.length === shape.length && shape.every((extent, axis) => extent === weight.shape[axis]);
  return fits ? null : `has shape [${weight.shape}], expected [${shape}]`;
}

function problemOfArray({ data }: NDArray): string | null {
  const bad = data.findIndex((value) => !Number.isFinite(value));
  return bad < 0 ? null : `holds ${data[bad]} at element ${bad}`;
}
