/**
 * Determines shapes and dtypes of an operation's outputs without computing the step: the operation runs once on zeros of the input shapes, and the
 * result is cached. A network has few combinations of operation, attributes and shapes, so that recording thousands of nodes runs a few dozen
 * operations, one at a time, with the memory of the largest one.
 */
import { attributeTypes, dataTypes, type OpAttribute, type OutputMetadata, type TensorFlowBinding } from './binding.ts';

/** A value of which only shape and dtype are known, or a small value that is known completely. */
export interface AbstractInput {
  readonly shape: readonly number[];
  readonly dtype: number;
  /** Id of a real tensor when the value is known (shape arguments, axes, scalars). */
  readonly realId: number | null;
  /** The known value as text, for the cache key. */
  readonly valueKey: string;
}

export interface AbstractOutput {
  readonly shape: readonly number[];
  readonly dtype: number;
}

const remembered = new Map<string, readonly AbstractOutput[]>();
const maxRemembered = 20_000;

function keyOf(
  op: string,
  attributes: readonly OpAttribute[],
  inputs: readonly AbstractInput[],
  outputs: number,
): string {
  const attributeKey = attributes.map(({ name, value }) => `${name}=${JSON.stringify(value)}`).join(';');
  const inputKey = inputs.map(({ dtype, shape, valueKey }) => `${dtype}[${shape}]${valueKey}`).join(';');
  return `${op}|${outputs}|${attributeKey}|${inputKey}`;
}

/** A tensor of zeros that TensorFlow creates, so that no large data is copied from JavaScript. */
function zeros(binding: TensorFlowBinding, shape: readonly number[], dtype: number): number {
  const dims = binding.createTensor([shape.length], dataTypes.int32, Int32Array.from(shape));
  const data =
    dtype === dataTypes.float32
      ? new Float32Array(1)
      : dtype === dataTypes.int32
        ? new Int32Array(1)
        : new Uint8Array(1);
  const value = binding.createTensor([], dtype, data);
  const attributes = [
    { name: 'T', type: attributeTypes.type, value: dtype },
    { name: 'index_type', type: attributeTypes.type, value: dataTypes.int32 },
  ];
  const [filled] = binding.executeOp('Fill', attributes, [dims, value], 1);
  binding.deleteTensor(dims);
  binding.deleteTensor(value);
  return (filled as OutputMetadata).id;
}

/** Shapes and dtypes of the outputs of `op`. Throws TensorFlow's error when the operation does not accept such inputs. */
export function abstractOutputs(
  binding: TensorFlowBinding,
  op: string,
  attributes: OpAttribute[],
  inputs: readonly AbstractInput[],
  outputs: number,
): readonly AbstractOutput[] {
  const key = keyOf(op, attributes, inputs, outputs);
  const known = remembered.get(key);
  if (known) return known;
  const made: number[] = [];
  try {
    const ids = inputs.map((input) => {
      if (input.realId !== null) return input.realId;
      const id = zeros(binding, input.shape, input.dtype);
      made.push(id);
      return id;
    });
    const results = binding.executeOp(op, attributes, ids, outputs);
    made.push(...results.map((result) => result.id));
    const answer = results.map(({ shape, dtype }) => ({ shape, dtype }));
    if (remembered.size >= maxRemembered) remembered.clear();
    remembered.set(key, answer);
    return answer;
  } finally {
    for (const id of made) binding.deleteTensor(id);
  }
}
