/** Hand-made containers for the tests of the builder. */
import type { JsonObject } from '../../src/json.ts';
import type { RawLayer, RawModel, RawRef } from '../../src/topology/raw-model.ts';

export const ref = (layer: string, call = 0, output = 0): RawRef => ({ layer, call, output });

export function layer(name: string, className: string, config: JsonObject, ...calls: RawRef[][]): RawLayer {
  const pointer = `/config/layers/${name}`;
  return { name, className, config, pointer, scope: name, calls: calls.map((inputs) => ({ inputs, call: {} })) };
}

export const input = (name: string, ...shape: (number | null)[]) =>
  layer(name, 'InputLayer', { batch_shape: [null, ...shape] });
export const dense = (name: string, units: number, ...calls: RawRef[][]) => layer(name, 'Dense', { units }, ...calls);

export function model(layers: RawLayer[], outputs: RawRef[], name = 'model'): RawModel {
  const inputs = layers.filter(({ className }) => className === 'InputLayer').map((found) => ref(found.name));
  return { name, layers, inputs, outputs, trainable: true, pointer: '/config' };
}

/** A nested model as a layer. */
export const nested = (inner: RawModel, ...calls: RawRef[][]): RawLayer => ({
  ...layer(inner.name, 'Functional', {}, ...calls),
  model: inner,
});
