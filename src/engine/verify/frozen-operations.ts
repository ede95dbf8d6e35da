/**
 * The operations of TensorFlow that select a branch, and their frozen forms with the branches of a base run: x is the displaced input, b the base
 * one.
 *
 *   Relu              x where b > 0, else 0                        (ReluGrad(x, b); its relatives likewise)
 *   Elu               x where b > 0, else exp(x) - 1
 *   Maximum(x, y)     x where b_x >= b_y, else y                   (ties belong to the first operand, as in src/engine/gradients/maximum.ts)
 *   Abs               x sign(b)
 *   Max               mean of x over the elements where b is largest
 *   MaxPool           the elements of x at the positions that pooling picks from b
 *   Greater, Sign...  constant almost everywhere: the result of the base run
 */
import { attributeTypes, dataTypes, type OpAttribute, type OutputMetadata } from '../graph/binding.ts';

/** A selecting operation of the base run: ids of its inputs and of its output. */
export interface BaseCall {
  readonly op: string;
  readonly inputs: readonly number[];
  readonly output: number;
}

export interface OperationCall {
  readonly attributes: readonly OpAttribute[];
  readonly inputs: readonly number[];
  readonly base: BaseCall;
}

/** Runs an operation with one output. */
type Emit = (op: string, inputs: readonly number[], attributes: readonly OpAttribute[]) => OutputMetadata;
/** A float32 scalar. */
type Constant = (value: number) => number;

export type FrozenOperation = (call: OperationCall, emit: Emit, constant: Constant) => OutputMetadata;

const type = (name: string, value: number): OpAttribute => ({ name, type: attributeTypes.type, value });
const T = type('T', dataTypes.float32);
const bool = (name: string, value: boolean): OpAttribute => ({ name, type: attributeTypes.bool, value });
/** First input of the displaced call and of the base call. */
const xAndB = ({ inputs, base }: OperationCall) => [inputs[0] as number, base.inputs[0] as number] as const;

/** Operations whose gradient operation, which is linear in its first argument, is the frozen form. */
const byMask =
  (gradient: string): FrozenOperation =>
  (call, emit) =>
    emit(gradient, xAndB(call), call.attributes);

/** ReluGrad(dy, x) and similar operations: the mask of the base run applied to the displaced cotangent. */
const maskedAgain =
  (op: string): FrozenOperation =>
  ({ attributes, inputs, base }, emit) =>
    emit(op, [inputs[0] as number, base.inputs[1] as number], attributes);

/** 6 where b >= 6, else x where b > 0, else 0. */
const relu6: FrozenOperation = (call, emit, constant) => {
  const [x, b] = xAndB(call);
  const capped = emit('GreaterEqual', [b, constant(6)], [T]).id;
  return emit('SelectV2', [capped, constant(6), emit('Relu6Grad', [x, b], [T]).id], [T]);
};

/** slope x where b > 0, else scale (exp(x) - 1). */
const exponentialBelowZero =
  (slope: number, scale: number): FrozenOperation =>
  (call, emit, constant) => {
    const [x, b] = xAndB(call);
    const above = emit('Greater', [b, constant(0)], [T]).id;
    const [line, curve] = [
      emit('Mul', [x, constant(slope)], [T]).id,
      emit('Mul', [emit('Expm1', [x], [T]).id, constant(scale)], [T]).id,
    ];
    return emit('SelectV2', [above, line, curve], [T]);
  };

const firstOf =
  (comparison: string): FrozenOperation =>
  ({ attributes, inputs, base }, emit) =>
    emit('SelectV2', [emit(comparison, base.inputs, attributes).id, ...inputs], attributes);

const abs: FrozenOperation = (call, emit) => {
  const [x, b] = xAndB(call);
  return emit('Mul', [x, emit('Sign', [b], call.attributes).id], call.attributes);
};

/** sum(x chosen) / sum(chosen), chosen = [b = extreme of b], over the reduced axes. */
const extreme =
  (op: string): FrozenOperation =>
  (call, emit) => {
    const [x, b] = xAndB(call);
    const axes = call.inputs[1] as number;
    const others = call.attributes.filter(({ name }) => name !== 'keep_dims');
    const largest = emit(op, [b, axes], [...others, bool('keep_dims', true)]).id;
    const equal = emit('Equal', [b, largest], [T]).id;
    const chosen = emit(
      'Cast',
      [equal],
      [type('SrcT', dataTypes.bool), type('DstT', dataTypes.float32), bool('Truncate', false)],
    ).id;
    const total = emit('Sum', [emit('Mul', [x, chosen], [T]).id, axes], call.attributes).id;
    return emit('RealDiv', [total, emit('Sum', [chosen, axes], call.attributes).id], [T]);
  };

const maxPool: FrozenOperation = (call, emit) => {
  const [x, b] = xAndB(call);
  return emit('MaxPoolGradGrad', [b, call.base.output, x], call.attributes);
};

/** MaxPoolGrad(x, y, dy) and MaxPoolGradGrad(x, y, dx): positions of the base run, with the displaced cotangent. */
const samePositions =
  (op: string): FrozenOperation =>
  ({ attributes, inputs, base }, emit) =>
    emit(op, [base.inputs[0] as number, base.inputs[1] as number, inputs[2] as number], attributes);

/** A copy, because the tensor of the base run has another owner. */
const asInBase =
  (dtype: number): FrozenOperation =>
  ({ base }, emit) =>
    emit('Identity', [base.output], [type('T', dtype)]);

const comparisons = ['Equal', 'NotEqual', 'Greater', 'GreaterEqual', 'Less', 'LessEqual', 'IsNan', 'IsInf', 'IsFinite'];
const steps = ['Sign', 'Floor', 'Ceil', 'Round'];

/** Keyed by the operation's name in TensorFlow. */
export const frozenOperations: Readonly<Record<string, FrozenOperation>> = {
  Relu: byMask('ReluGrad'),
  LeakyRelu: byMask('LeakyReluGrad'),
  Relu6: relu6,
  ReluGrad: maskedAgain('ReluGrad'),
  LeakyReluGrad: maskedAgain('LeakyReluGrad'),
  Relu6Grad: maskedAgain('Relu6Grad'),
  Elu: exponentialBelowZero(1, 1),
  Selu: exponentialBelowZero(1.0507009873554805, 1.7580993408473768),
  Maximum: firstOf('GreaterEqual'),
  Minimum: firstOf('LessEqual'),
  Abs: abs,
  Max: extreme('Max'),
  Min: extreme('Min'),
  MaxPool: maxPool,
  MaxPoolGrad: samePositions('MaxPoolGrad'),
  MaxPoolGradGrad: samePositions('MaxPoolGradGrad'),
  ...Object.fromEntries(comparisons.map((op) => [op, asInBase(dataTypes.bool)])),
  ...Object.fromEntries(steps.map((op) => [op, asInBase(dataTypes.float32)])),
  ...Object.fromEntries(['ArgMax', 'ArgMin'].map((op) => [op, asInBase(dataTypes.int32)])),
};
