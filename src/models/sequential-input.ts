/** Creates the InputLayer that a Sequential model omits, from the shape in the configuration of the first layer. */

import { type Json, type JsonObject, ownValue } from '../json.ts';
import { malformed } from '../topology/flatten.ts';
import type { RawLayer } from '../topology/raw-model.ts';

/** `batch_shape` of the first layer in all its spellings; undefined for a model that was never built. */
function batchShape(first: JsonObject, model: JsonObject): Json | undefined {
  const shape = ownValue(first, 'batch_input_shape', 'batch_shape') ?? undefined;
  if (shape !== undefined) return shape;
  const input = ownValue(first, 'input_shape');
  if (Array.isArray(input)) return [null, ...input];
  const built = ownValue(model, 'build_input_shape');
  return Array.isArray(built) ? built : undefined;
}

/** The configuration of the InputLayer; where the first layer is a nested model, it is that of the nested model's input. */
function inputConfig(first: RawLayer, model: JsonObject): JsonObject {
  if (first.model) {
    const { inputs, layers } = first.model;
    if (inputs.length !== 1)
      malformed(
        first.pointer,
        `model "${first.name}" takes ${inputs.length} inputs; the first layer of a Sequential model takes one`,
      );
    return layers.find(({ name }) => name === inputs[0]?.layer)?.config ?? {};
  }
  const shape = batchShape(first.config, model);
  const dtype = ownValue(first.config, 'dtype');
  return {
    ...(shape === undefined ? {} : { batch_input_shape: shape }),
    // In Keras 3 an object is a dtype policy of the computation, which does not determine the dtype of the input.
    ...(typeof dtype === 'string' ? { dtype } : {}),
  };
}

/** The InputLayer in front of `first`, with a name that no other layer has. */
export function sequentialInput(first: RawLayer, model: JsonObject, layers: readonly RawLayer[]): RawLayer {
  const names = new Set(layers.map((layer) => layer.name));
  let name = `${first.name}_input`;
  while (names.has(name)) name += '_';
  const config = { ...inputConfig(first, model), name };
  return { name, className: 'InputLayer', config, pointer: first.pointer, scope: name, calls: [] };
}
