/** InputLayer: a place where data comes in. */
import { type ConfigReader, show } from '../config-reader.ts';
import type { LayerSpec } from '../layer-spec.ts';
import type { Shape } from '../topology.ts';

export interface InputLayerConfig {
  readonly shape: Shape;
  readonly dtype: 'float32' | 'int32';
}

/** tfjs and Keras 2 write batch_input_shape, Keras 3 batch_shape; an extent of null is left to the data. */
function readBatchShape(config: ConfigReader): Shape {
  const key = config.raw('batch_shape') === undefined ? 'batch_input_shape' : 'batch_shape';
  const value = config.raw(key);
  const valid = (extent: unknown) => extent === null || (Number.isSafeInteger(extent) && (extent as number) > 0);
  if (!Array.isArray(value) || value.length === 0 || value.length > 6 || !value.every(valid)) {
    return config.fail(key, `must list the batch axis and up to 5 positive extents, got ${show(value)}`);
  }
  return (value as (number | null)[]).slice(1);
}

export const inputLayer: LayerSpec<InputLayerConfig> = {
  classNames: ['InputLayer'],
  parse(config) {
    if (config.boolean('sparse', false)) config.fail('sparse', 'must be false: inputs are dense tensors');
    const dtype = config.oneOf('dtype', ['float32', 'int32', 'int64'], 'float32');
    return { shape: readBatchShape(config), dtype: dtype === 'float32' ? 'float32' : 'int32' };
  },
  params: () => [],
  outputShape: (config) => config.shape,
};
