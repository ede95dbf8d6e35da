/** Tensors made of numbers: zeros, ranges, tables. Memory that PyTorch leaves as it is ('empty') is zero here; it is filled before it is read. */
import type { Dtype } from '../../../topology/operation-graph/graph.ts';
import { tf } from '../../tf.ts';
import type { Operands, Operation, Operations } from './arguments.ts';
import { castValue, scalarOf } from './common.ts';
import { Value } from './value.ts';

const filled = (shape: readonly number[], value: number, dtype: Dtype): Value => {
  if (dtype === 'bool') return castValue(Value.of(tf.fill([...shape], value === 0 ? 0 : 1, 'int32')), 'bool');
  return Value.of(shape.length === 0 ? scalarOf(value, dtype) : tf.fill([...shape], value, dtype));
};

const typeOf = (args: Operands, value: number): Dtype =>
  args.dtype('dtype') ?? (Number.isInteger(value) ? 'int32' : 'float32');

const made =
  (value: number): Operation =>
  (args) =>
    filled(args.ints('size') ?? [], value, args.dtype('dtype') ?? 'float32');

/** Of the shape and, unless said, the type of another. */
const like =
  (fillOf: (args: Operands) => number): Operation =>
  (args) => {
    const x = args.value('self');
    return filled(x.shape, fillOf(args), args.dtype('dtype') ?? x.dtype);
  };

const fresh =
  (fillOf: (args: Operands) => number): Operation =>
  (args) =>
    filled(args.ints('size') ?? [], fillOf(args), args.dtype('dtype') ?? args.value('self').dtype);

function range(args: Operands): Value {
  const begin = args.has('start') ? args.number('start') : 0;
  const step = args.has('step') ? args.number('step') : 1;
  const end = args.number('end');
  const length = Math.max(0, Math.ceil((end - begin) / step));
  const isWhole = [begin, end, step].every(Number.isInteger);
  const dtype = args.dtype('dtype') ?? (isWhole ? 'int32' : 'float32');
  const data = Array.from({ length }, (_, index) => begin + index * step);
  return Value.of(tf.tensor1d(dtype === 'int32' ? Int32Array.from(data) : Float32Array.from(data), dtype as 'int32'));
}

const zero = () => 0;
const one = () => 1;
const given = (args: Operands) => args.number('fill_value');

/** Rows and columns [2, k] of the elements of a triangle. */
const triangle =
  (keeps: (row: number, column: number, offset: number) => boolean): Operation =>
  (args) => {
    const [height, width, offset] = [args.int('row'), args.int('col'), args.int('offset')];
    const places = Array.from({ length: height * width }, (_, at) => at).filter((at) =>
      keeps(Math.floor(at / width), at % width, offset),
    );
    const data = Int32Array.from([...places.map((at) => Math.floor(at / width)), ...places.map((at) => at % width)]);
    return Value.of(tf.tensor2d(data, [2, places.length], 'int32'));
  };

export const creation: Operations = {
  arange: range,
  'arange.start': range,
  'arange.start_step': range,
  linspace(args) {
    const [begin, end, steps] = [args.number('start'), args.number('end'), args.int('steps')];
    const data = Float32Array.from({ length: steps }, (_, i) => begin + (i * (end - begin)) / Math.max(steps - 1, 1));
    return Value.of(tf.tensor1d(data));
  },
  logspace(args) {
    const [begin, end, steps] = [args.number('start'), args.number('end'), args.int('steps')];
    const power = (i: number) => args.number('base') ** (begin + (i * (end - begin)) / Math.max(steps - 1, 1));
    return Value.of(tf.tensor1d(Float32Array.from({ length: steps }, (_, i) => power(i))));
  },
  tril_indices: triangle((row, column, offset) => column - row <= offset),
  triu_indices: triangle((row, column, offset) => column - row >= offset),
  empty_strided: made(0),
  new_empty_strided: fresh(zero),
  zeros: made(0),
  ones: made(1),
  full: (args) => filled(args.ints('size') ?? [], args.number('fill_value'), typeOf(args, args.number('fill_value'))),
  empty: made(0),
  empty_permuted: made(0),
  zeros_like: like(zero),
  ones_like: like(one),
  empty_like: like(zero),
  full_like: like(given),
  new_zeros: fresh(zero),
  new_ones: fresh(one),
  new_empty: fresh(zero),
  new_full: fresh(given),
  fill(args) {
    const x = args.value('self');
    const value = args.operand('value');
    if (typeof value === 'number') return filled(x.shape, value, x.dtype);
    return castValue(Value.of(tf.broadcastTo(value.tensor, [...x.shape])), x.dtype);
  },
  scalar_tensor: (args) => filled([], args.number('s'), args.dtype('dtype') ?? 'float32'),
  eye(args) {
    const rows = args.int('n');
    const columns = args.maybeInt('m') ?? rows;
    const data = Float32Array.from({ length: rows * columns }, (_, at) =>
      Math.floor(at / columns) === at % columns ? 1 : 0,
    );
    return castValue(Value.of(tf.tensor2d(data, [rows, columns])), args.dtype('dtype'));
  },
};
