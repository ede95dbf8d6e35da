/** InputLayer: an input of the model. */
import { type ConfigReader, show } from '../config-reader.ts';
import type { LayerSpec } from '../layer-spec.ts';
import type { Shape } from '../topology.ts';

export interface InputLayerConfig {
  readonly shape: Shape;
  readonly dtype: 'float32' | 'int32';
  /** True: every non-zero value counts as 1. */
  readonly isBoolean: boolean;
}

const floats = ['float32', 'float64', 'float16', 'bfloat16'] as const;
const integers = ['int32', 'int64', 'int16', 'int8', 'uint8', 'uint16', 'uint32', 'bool'] as const;

/** The shape: batch_input_shape in tfjs and Keras 2, batch_shape in Keras 3. An extent of null is determined by the data. */
function readBatchShape(config: ConfigReader): Shape {
  const key = config.raw('batch_shape') === undefined ? 'batch_input_shape' : 'batch_shape';
  const value = config.raw(key);
  const valid = (extent: unknown) => extent === null || (Number.isSafeInteger(extent) && (extent as number) > 0);
  if (!Array.isArray(value) || value.length === 0 || value.length > 6 || !value.every(valid)) {
    return config.fail(key, `must list the batch axis and up to 5 positive extents, got ${show(value)}`);
  }
  return (value as (number | null)[]).slice(1);
}

/** The dtype: all widths of floats and integers are read as the ones that the engine uses; strings are refused. */
function readDtype(config: ConfigReader): InputLayerConfig['dtype'] {
  const written = config.oneOf('dtype', [...floats, ...integers], 'float32');
  return floats.some((dtype) => dtype === written) ? 'float32' : 'int32';
}

export const inputLayer: LayerSpec<InputLayerConfig> = {
  classNames: ['InputLayer'],
  parse(config) {
    if (config.boolean('sparse', false)) config.fail('sparse', 'must be false: inputs are dense tensors');
    return { shape: readBatchShape(config), dtype: readDtype(config), isBoolean: config.raw('dtype') === 'bool' };
  },
  params: () => [],
  outputShape: (config) => config.shape,
};
