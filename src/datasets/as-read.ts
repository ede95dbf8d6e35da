/** A dataset as arrays of whole parts, as its file has it: before normalisation, images channels last, labels as class ids. */
import { ignoredId } from '../batch.ts';
import type { NDArray } from '../ndarray.ts';
import { ndarray, sizeOf } from '../ndarray.ts';
import type { Dataset } from './dataset.ts';

type Numbers = NDArray<'float32' | 'int32'>;

const rowsPerGather = 1024;

/**
 * `x` (or `x0`, `x1`, ...) and `y` of the training part: float32 [n, ...] for values, int32 for ids. A value for each sample is a column [n, 1]; positions
 * without a label carry the mark that the file has.
 */
export function asRead(dataset: Dataset): Map<string, Numbers> {
  const plain = dataset.withoutNormalization();
  const names = plain.inputNames.map((_, input) => (plain.inputNames.length === 1 ? 'x' : `x${input}`));
  const inputs = plain.inputShapes.map((shape, input) =>
    allocate(plain.inputDtypes[input] ?? 'float32', [plain.size, ...shape]),
  );
  const kind = plain.targets;
  const targetShape = kind.kind === 'values' && kind.shape.length === 0 ? [1] : (kind.shape ?? []);
  const targets = allocate(kind.kind === 'classes' ? 'int32' : 'float32', [plain.size, ...targetShape]);
  for (let start = 0; start < plain.size; start += rowsPerGather) {
    const count = Math.min(rowsPerGather, plain.size - start);
    const batch = plain.gather(Int32Array.from({ length: count }, (_, i) => start + i));
    batch.inputs.forEach((input, i) => {
      const whole = inputs[i];
      if (whole !== undefined) whole.data.set(input.data, start * sizeOf(plain.inputShapes[i] ?? []));
    });
    targets.data.set(batch.targets.data, start * sizeOf(targetShape));
  }
  const { ignored } = dataset.found;
  if (ignored !== null)
    targets.data.forEach((id, at) => {
      if (id === ignoredId) targets.data[at] = ignored;
    });
  return new Map([...names.map((name, i) => [name, inputs[i] as Numbers] as const), ['y', targets]]);
}

function allocate(dtype: 'float32' | 'int32', shape: readonly number[]): Numbers {
  const length = sizeOf(shape);
  return dtype === 'int32'
    ? ndarray(dtype, shape, new Int32Array(length))
    : ndarray(dtype, shape, new Float32Array(length));
}
