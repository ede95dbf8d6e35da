/** The interface of an operation in the engine: a function of its operands, which are float32 and have a batch axis unless they are constants. */
import { mapOperands, type Operands, operandsOf } from '../../../topology/operations/operands.ts';
import { type Tensor, tf } from '../../tf.ts';
import type { LayerForward } from '../layer-forward.ts';

/** Operations with several results return them as a list. */
export type OperationForward<A = never> = (attributes: A, operands: Operands<Tensor>) => Tensor | readonly Tensor[];

const asFloat = (x: Tensor): Tensor => (x.dtype === 'float32' ? x : tf.cast(x, 'float32'));

/** The operation as the forward function of a layer without weights. */
export function asLayerForward<A>(forward: OperationForward<A>): LayerForward<A> {
  return (attributes, inputs, _weights, { call, emit }) => {
    const operands = mapOperands<Tensor, Tensor>(operandsOf(call), inputs, asFloat, ({ data, shape }) =>
      tf.tensor(data, [...shape]),
    );
    const result = forward(attributes, operands);
    if (!Array.isArray(result)) return result as Tensor;
    emit?.(result.slice(1));
    return result[0] as Tensor;
  };
}

/** Position of an axis; negative axes count from the end. */
export const at = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);
