/** Keras 3 records `x + y` and `keras.ops.relu(x)` as operations; those that equal a stock layer are read as that layer. */
import type { JsonObject } from '../topology/json.ts';

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

export function operationAsLayer(className: string, config: JsonObject): { className: string; config: JsonObject } {
  const layer = layers.get(className);
  return layer ? { className: layer.className, config: { ...config, ...layer.config } } : { className, config };
}
