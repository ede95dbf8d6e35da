/** Keras 3 records `x + y` and `keras.ops.relu(x)` as operations; those that equal a stock layer are read as that layer. */
import { AppError } from '../errors.ts';
import type { JsonObject } from '../json.ts';

/** Operation -> the layer that computes the same. Operations with the name of a layer (Add, Softmax ...) need no entry. */
const layers: ReadonlyMap<string, { className: string; config: JsonObject }> = new Map(
  [
    ['Relu', 'relu'],
    ['Relu6', 'relu6'],
    ['Elu', 'elu'],
    ['Selu', 'selu'],
    ['Gelu', 'gelu'],
    ['Silu', 'swish'],
    ['Sigmoid', 'sigmoid'],
    ['Tanh', 'tanh'],
    ['Softplus', 'softplus'],
    ['Softsign', 'softsign'],
    ['LogSoftmax', 'log_softmax'],
  ].map(
    ([operation, activation]) =>
      [operation, { className: 'Activation', config: { activation } }] as [
        string,
        { className: string; config: JsonObject },
      ],
  ),
);

/** Throws LAYER_INVALID for NotEqual, with which Keras computes the masks of Embedding and Masking. */
export function operationAsLayer(className: string, config: JsonObject): { className: string; config: JsonObject } {
  if (className === 'NotEqual') {
    throw new AppError(
      'LAYER_INVALID',
      'the model computes a mask (NotEqual): masks are not carried through the network; set mask_zero of Embedding to false and remove Masking',
    );
  }
  const layer = layers.get(className);
  return layer ? { className: layer.className, config: { ...config, ...layer.config } } : { className, config };
}
