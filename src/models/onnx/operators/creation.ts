/** Tensors made of numbers, and choices that are switched off. */
import { sizeOf } from '../../../ndarray.ts';
import type { Dtype } from '../../../topology/operation-graph/graph.ts';
import { type Call, dtypeOf, shapeOf, type Translations } from '../call.ts';
import { asConstant } from '../constants.ts';
import type { TensorProto } from '../proto.ts';
import { elementTypeOf, numbersOf, typeName } from '../tensors.ts';
import { known, maxKnown, type OnnxValue, plainNumbers, type Scalar } from '../values.ts';

const numberOf = (tensor: TensorProto): number => numbersOf(tensor)[0] ?? 0;

function constant(call: Call): OnnxValue {
  const tensor = call.tensorAttribute('value');
  if (tensor) return asConstant(call.builder, tensor);
  if (call.hasAttribute('value_float')) return known('float32', [], [call.float('value_float', 0)]);
  if (call.hasAttribute('value_int')) return known('int32', [], [call.int('value_int', 0)]);
  const lists: readonly [Dtype, readonly number[] | undefined][] = [
    ['float32', call.floats('value_floats')],
    ['int32', call.ints('value_ints')],
  ];
  for (const [dtype, list] of lists) if (list) return known(dtype, [list.length], list);
  return call.unsupported('holds text or a sparse tensor, which is not read');
}

const isWhole = (scalars: readonly Scalar[]): scalars is readonly number[] =>
  scalars.every((scalar) => typeof scalar === 'number');

function constantOfShape(call: Call): OnnxValue {
  const size = call.scalars(0, 'its shape');
  const tensor = call.tensorAttribute('value');
  const type = tensor ? elementTypeOf(tensor.dataType) : { dtype: 'float32' as const };
  if (!type) return call.unsupported(`holds ${typeName(tensor?.dataType ?? 0)}, which is not read`);
  const value = tensor ? numberOf(tensor) : 0;
  if (isWhole(size) && sizeOf(size) <= maxKnown)
    return known(
      type.dtype,
      size,
      Array.from({ length: sizeOf(size) }, () => value),
    );
  return call.emit(
    'full',
    { size, fill_value: value, dtype: { dtype: type.dtype } },
    { dtype: type.dtype, shape: call.extents(size) },
  );
}

function range(call: Call): OnnxValue {
  const [start, end, step] = [0, 1, 2].map((index) => {
    const [scalar] = call.scalars(index, 'its bounds');
    return scalar ?? call.fail('lacks a bound');
  }) as [Scalar, Scalar, Scalar];
  const dtype = dtypeOf(call.value(0));
  if (typeof start === 'number' && typeof end === 'number' && typeof step === 'number') {
    const length = Math.max(0, Math.ceil((end - start) / step));
    if (length <= maxKnown)
      return known(
        dtype,
        [length],
        Array.from({ length }, (_, index) => start + index * step),
      );
  }
  const extent = start === 0 && step === 1 ? call.builder.extentOf(end) : null;
  return call.emit('arange.start_step', { start, end, step, dtype: { dtype } }, { dtype, shape: [extent] });
}

function eyeLike(call: Call): OnnxValue {
  const shape = shapeOf(call.value(0)) ?? [];
  const [n, m] = shape;
  if (typeof n !== 'number' || typeof m !== 'number' || call.int('k', 0) !== 0)
    return call.unsupported('makes a diagonal of a size that follows from inputs, or beside the main one');
  const type = elementTypeOf(call.int('dtype', 1)) ?? call.unsupported('makes a type that is not read');
  return call.emit('eye', { n, m, dtype: { dtype: type.dtype } }, { dtype: type.dtype, shape });
}

function uniformLike(call: Call): OnnxValue {
  call.ignore('dtype', 'seed');
  if (call.float('low', 0) !== 0 || call.float('high', 1) !== 1)
    return call.unsupported('draws random numbers inside of the network; take the noise as an input of the model');
  return { kind: 'uniform', like: call.tensor(0), keep: null };
}

/** Keeps each element with a probability. */
function bernoulli(call: Call): OnnxValue {
  call.ignore('dtype', 'seed');
  const p = call.value(0);
  const numbers = p.kind === 'known' ? plainNumbers(p) : null;
  if (numbers === null) return call.unsupported('draws with probabilities that are computed; fixed ones are read');
  return p;
}

export const creation: Translations = {
  Constant: constant,
  ConstantOfShape: constantOfShape,
  Range: range,
  EyeLike: eyeLike,
  RandomUniformLike: uniformLike,
  Bernoulli: bernoulli,
};
