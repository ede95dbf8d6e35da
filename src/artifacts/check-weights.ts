/** Given weights against the parameters of a network: all there, nothing else, right shapes, finite. */
import { AppError } from '../errors.ts';
import type { NDArray } from '../ndarray.ts';

interface Expected {
  readonly name: string;
  readonly shape: readonly number[];
}

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
  const wanted = new Set(params.map(({ name }) => name));
  const extra = [...weights.keys()].filter((name) => !wanted.has(name) && !isMovingStatistic(name));
  const problems = extra.map((name) => ({ name, problem: 'is no parameter of the model' }));
  const accepted = new Map<string, NDArray<'float32'>>();
  for (const param of params) {
    const array = weights.get(param.name);
    const problem = problemOf(param, array);
    if (problem !== null) problems.push({ name: param.name, problem });
    else if (array?.dtype === 'float32') accepted.set(param.name, array);
  }
  if (problems.length === 0) return accepted;
  const lines = problems.slice(0, shown).map(({ name, problem }) => `${JSON.stringify(name)} ${problem}`);
  if (problems.length > shown) lines.push(`and ${problems.length - shown} more`);
  throw new AppError('WEIGHTS_MISMATCH', `the weights do not fit the model: ${lines.join('; ')}`, {
    details: { problems },
  });
}

function problemOf({ shape }: Expected, array: NDArray | undefined): string | null {
  if (array === undefined) return `is missing (expected shape [${shape}])`;
  if (array.dtype !== 'float32') return `is ${array.dtype}, expected float32`;
  const fits = array.shape.length === shape.length && shape.every((extent, axis) => extent === array.shape[axis]);
  if (!fits) return `has shape [${array.shape}], expected [${shape}]`;
  const bad = array.data.findIndex((value) => !Number.isFinite(value));
  return bad < 0 ? null : `holds ${array.data[bad]} at element ${bad}`;
}
