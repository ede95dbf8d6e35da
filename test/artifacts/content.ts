/** A real model as content for artifacts: made by tfjs itself, so that what tfjs expects is not our guess. */
import type { ArtifactContent, JsonObject } from '../../src/artifacts/index.ts';
import { tf } from '../../src/engine/tf.ts';
import { type NDArray, ndarray } from '../../src/ndarray.ts';

export interface Sample {
  readonly content: ArtifactContent & { topologyJson: JsonObject; keras: NonNullable<ArtifactContent['keras']> };
  /** An input batch, and what the model makes of it. */
  readonly input: NDArray<'float32'>;
  readonly output: Float32Array;
}

/** Batch normalisation, a recurrent layer, names with a common stem; three shards of weights. */
export function sampleContent(): Sample {
  const { layers } = tf;
  const model = tf.sequential({
    name: 'sample',
    layers: [
      layers.conv1d({ name: 'conv', filters: 8, kernelSize: 3, inputShape: [6, 4], useBias: false }),
      layers.batchNormalization({ name: 'norm' }),
      layers.bidirectional({ name: 'both', layer: layers.lstm({ units: 8 }) as never, mergeMode: 'concat' }),
      layers.dense({ name: 'wide', units: 1000, activation: 'tanh' }),
      layers.dense({ name: 'wide_1', units: 2200, activation: 'tanh' }),
      layers.dense({ name: 'head', units: 3, activation: 'softmax' }),
    ],
  });
  const weights = new Map<string, NDArray<'float32'>>();
  for (const [index, weight] of model.weights.entries()) {
    const values = tf.randomUniform(weight.shape as number[], 0.05, 0.15, 'float32', index);
    weight.write(values);
    weights.set(weight.originalName, ndarray('float32', values.shape, values.dataSync() as Float32Array));
    values.dispose();
  }
  const input = tf.randomNormal([2, 6, 4], 0, 1, 'float32', 7);
  const output = (model.predict(input) as typeof input).dataSync() as Float32Array;
  const topologyJson = model.toJSON(null, false) as unknown as JsonObject;
  const sample = { input: ndarray('float32', input.shape, input.dataSync() as Float32Array), output };
  input.dispose();
  model.dispose();
  const paths = new Map([...weights.keys()].map((name, index) => [name, `layers/layer_${index}/vars/0`]));
  const keras = { config: { class_name: 'Sequential', config: {}, keras_version: '3.15.0' }, paths };
  const state = [...weights.keys()].map((name) => ({ name, aliases: [], dtype: 'F32', isBuffer: false }));
  return { content: { topologyJson, keras, weights, state, report: { method: 'kaiming', seed: 3 } }, ...sample };
}
