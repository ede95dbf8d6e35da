/** A dataset as arrays of whole parts, as its file has it: before normalisation, images channels last, labels as class ids. */
import { type Batch, ignoredId, type OneTargetKind, targetShape } from '../batch.ts';
import type { NDArray } from '../ndarray.ts';
import { ndarray, sizeOf } from '../ndarray.ts';
import type { Dataset } from './dataset.ts';

type Numbers = NDArray<'float32' | 'int32'>;

const rowsPerGather = 1024;

/**
 * `x` (or `x0`, `x1`, ...) and `y` (for several outputs `y0`, `y1`, ...) of the training part: float32 [n, ...] for values, int32 for ids. A value for each sample is a column [n, 1]; positions
 * without a label carry the mark that the file has.
 */
export function asRead(dataset: Dataset): Map<string, Numbers> {
  const plain = dataset.withoutNormalization();
  const names = plain.inputNames.map((_, input) => (plain.inputNames.length === 1 ? 'x' : `x${input}`));
  const inputs = plain.inputShapes.map((shape, input) =>
    allocate(plain.inputDtypes[input] ?? 'float32', [plain.size, ...shape]),
  );
  const kinds = plain.targets.kind === 'several' ? plain.targets.parts : [plain.targets];
  const targets = kinds.map((kind) =>
    allocate(kind.kind === 'classes' ? 'int32' : 'float32', [plain.size, ...columnShape(kind)]),
  );
  for (let start = 0; start < plain.size; start += rowsPerGather) {
    const count = Math.min(rowsPerGather, plain.size - start);
    const batch = plain.gather(Int32Array.from({ length: count }, (_, i) => start + i));
    batch.inputs.forEach((input, i) => {
      const whole = inputs[i];
      if (whole !== undefined) whole.data.set(input.data, start * sizeOf(plain.inputShapes[i] ?? []));
    });
    splitTargets(batch.targets, kinds).forEach((own, part) => {
      targets[part]?.data.set(own, (start * own.length) / count);
    });
  }
  const { ignored } = dataset.found;
  if (ignored !== null)
    for (const { data } of targets)
      data.forEach((id, at) => {
        if (id === ignoredId) data[at] = ignored;
      });
  return new Map([
    ...names.map((name, i) => [name, inputs[i] as Numbers] as const),
    ...targets.map((own, part) => [targets.length === 1 ? 'y' : `y${part}`, own] as const),
  ]);
}

/** Of one target: a number is a column of one. */
const columnShape = (kind: OneTargetKind): readonly number[] =>
  kind.kind === 'values' && kind.shape.length === 0 ? [1] : targetShape(kind);

/** The numbers of each output, of targets that lie one after the other in every row. */
function splitTargets({ data, shape }: Batch['targets'], kinds: readonly OneTargetKind[]): ArrayLike<number>[] {
  if (kinds.length === 1) return [data];
  const [rows = 0, width = 0] = shape;
  let begin = 0;
  return kinds.map((kind) => {
    const size = sizeOf(targetShape(kind));
    const first = begin;
    begin += size;
    return Float32Array.from(
      { length: rows * size },
      (_, at) => data[Math.floor(at / size) * width + first + (at % size)] ?? 0,
    );
  });
}

function allocate(dtype: 'float32' | 'int32', shape: readonly number[]): Numbers {
  const length = sizeOf(shape);
  return dtype === 'int32'
    ? ndarray(dtype, shape, new Int32Array(length))
    : ndarray(dtype, shape, new Float32Array(length));
}
