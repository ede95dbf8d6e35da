/** Tensors of a file that are part of the computation and of no state. */
import { sizeOf } from '../../ndarray.ts';
import type { GraphBuilder } from './graph-builder.ts';
import type { TensorProto } from './proto.ts';
import { decodeTensor, elementTypeOf, numbersOf, shapeOf, typeName } from './tensors.ts';
import { known, maxKnown, type OnnxValue } from './values.ts';
import { damaged } from './wire.ts';

/** Few numbers are known while the file is read, many are a constant of the graph. Throws MODEL_MALFORMED, WEIGHTS_MALFORMED. */
export function asConstant(builder: GraphBuilder, tensor: TensorProto): OnnxValue {
  const type =
    elementTypeOf(tensor.dataType) ??
    damaged(`the constant "${tensor.name}" holds ${typeName(tensor.dataType)}, which is not read`);
  const shape = shapeOf(tensor);
  if (sizeOf(shape) <= maxKnown) return known(type.dtype, shape, numbersOf(tensor));
  const { data } = decodeTensor(tensor);
  return builder.constant(type.dtype, shape, type.dtype === 'int32' ? Int32Array.from(data) : data);
}
