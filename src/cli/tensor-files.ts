/** Reads inputs and targets of a model from files of tensors. */
import { AppError } from '../errors.ts';
import { type NDArray, ndarray } from '../ndarray.ts';
import type { Topology } from '../topology/topology.ts';

export type Tensors = ReadonlyMap<string, NDArray>;

const widened = (array: NDArray): NDArray<'float32' | 'int32'> =>
  array.dtype === 'uint8' ? ndarray('int32', array.shape, Int32Array.from(array.data)) : array;

/** The inputs of the model: `x` for a single input, otherwise by the names of the input layers or by number. Throws DATASET_SHAPE_MISMATCH. */
export function pickInputs(topology: Topology, tensors: Tensors): NDArray<'float32' | 'int32'>[] {
  // A graph may have an input named y, which is the name of the targets: numbered inputs take precedence over names.
  const isNumbered = topology.inputs.every((_, position) => tensors.has(`x${position}`));
  return topology.inputs.map((id, position) => {
    const node = topology.nodes[id];
    const name = topology.layers[node?.layer ?? -1]?.name ?? '';
    const named = isNumbered ? undefined : tensors.get(name);
    const array = named ?? tensors.get(`x${position}`) ?? (position === 0 ? tensors.get('x') : undefined);
    if (!array)
      throw new AppError(
        'DATASET_SHAPE_MISMATCH',
        `the inputs hold no tensor "${name}" (or x); they hold ${[...tensors.keys()].join(', ')}`,
      );
    const expected = node?.shape ?? [];
    const fits =
      array.shape.length === expected.length + 1 &&
      expected.every((extent, axis) => extent === null || extent === array.shape[axis + 1]);
    if (!fits)
      throw new AppError(
        'DATASET_SHAPE_MISMATCH',
        `input "${name}" has shape [${array.shape}], the model takes [n, ${expected.map((extent) => extent ?? '?')}]`,
      );
    return widened(array);
  });
}

/** The targets `y`: class ids as integers, values as floats. Throws DATASET_SHAPE_MISMATCH. */
export function pickTargets(tensors: Tensors): NDArray<'float32' | 'int32'> {
  const targets = tensors.get('y');
  if (!targets)
    throw new AppError(
      'DATASET_SHAPE_MISMATCH',
      `the inputs hold no targets "y"; they hold ${[...tensors.keys()].join(', ')}`,
    );
  return widened(targets);
}
