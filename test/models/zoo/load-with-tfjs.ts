/** Loads a zoo topology with stock tfjs-layers, as a user would, weights drawn from its initialisers. */
import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-node-gpu';
import { type Tensor, tf } from '../../../src/engine/tf.ts';
import { buildZooModel } from '../../../src/models/zoo/index.ts';

export async function loadWithTfjs(name: string, options: object = {}): Promise<LayersModel> {
  return tf.loadLayersModel(tf.io.fromMemory({ modelTopology: buildZooModel(name, options) }));
}

/** The outputs of the named layers for the given inputs, in one pass in inference mode. */
export function outputsOf(model: LayersModel, layers: readonly string[], inputs: Tensor | Tensor[]): Tensor[] {
  const outputs = layers.map((layer) => model.getLayer(layer).output as SymbolicTensor);
  const result = tf.model({ inputs: model.inputs, outputs }).predict(inputs);
  return Array.isArray(result) ? result : [result];
}
