/** MultiHeadAttention as in Keras 3: projections to heads, scaled dot-product attention, projection back. */
import type { ConfigReader } from '../config-reader.ts';
import type { Initializer } from '../initializers.ts';
import type { LayerSpec } from '../layer-spec.ts';
import type { LayerParam, Shape } from '../topology.ts';
import { attentionInputs } from './attention.ts';
import { knownExtent } from './misfit.ts';
import { type BiasInitializer, readBias, weightParam } from './params.ts';

export interface MultiHeadAttentionConfig {
  readonly heads: number;
  /** Features of each head's query and key. */
  readonly keyDim: number;
  /** Features of each head's value. */
  readonly valueDim: number;
  /** null: those of the query. */
  readonly outputDim: number | null;
  readonly kernel: Initializer;
  readonly bias: BiasInitializer;
}

/** What changes the result and is not computed here is refused; dropout and flash_attention do not change it. */
function refuseVariants(config: ConfigReader): void {
  const axes = config.raw('attention_axes') ?? null;
  const overTime = axes === null || ([axes].flat().every((axis) => axis === 1) && [axes].flat().length === 1);
  if (!overTime) config.fail('attention_axes', 'must be null or [1]: attention runs over the time axis');
  if (config.boolean('use_gate', false)) config.fail('use_gate', 'must be false: gated attention is not supported');
  if ((config.raw('sliding_window') ?? null) !== null) {
    config.fail('sliding_window', 'must be null: windowed attention is not supported');
  }
}

function readOutputDim(config: ConfigReader): number | null {
  const given = (config.raw('output_shape') ?? null) !== null;
  return given ? (config.integers('output_shape', 1)[0] ?? null) : null;
}

function projection(key: string, kernel: readonly number[], bias: readonly number[], config: MultiHeadAttentionConfig) {
  const params: LayerParam[] = [weightParam(`${key}/kernel`, kernel, config.kernel)];
  if (config.bias !== null) params.push({ key: `${key}/bias`, shape: bias, initializer: config.bias, group: 'bias' });
  return params;
}

export const multiHeadAttention: LayerSpec<MultiHeadAttentionConfig> = {
  classNames: ['MultiHeadAttention'],
  parse(config) {
    refuseVariants(config);
    const keyDim = config.integer('key_dim', undefined, { min: 1 });
    return {
      heads: config.integer('num_heads', undefined, { min: 1 }),
      keyDim,
      valueDim: config.integer('value_dim', keyDim, { min: 1 }),
      outputDim: readOutputDim(config),
      kernel: config.initializer('kernel_initializer', 'glorotUniform'),
      bias: readBias(config),
    };
  },
  params(config, inputs) {
    const { heads, keyDim, valueDim } = config;
    const { query, value, key } = attentionInputs(inputs);
    const outputDim = config.outputDim ?? knownExtent(query, -1);
    return [
      ...projection('query', [knownExtent(query, -1), heads, keyDim], [heads, keyDim], config),
      ...projection('key', [knownExtent(key, -1), heads, keyDim], [heads, keyDim], config),
      ...projection('value', [knownExtent(value, -1), heads, valueDim], [heads, valueDim], config),
      ...projection('attention_output', [heads, valueDim, outputDim], [outputDim], config),
    ];
  },
  outputShape({ outputDim }, inputs): Shape {
    const { query } = attentionInputs(inputs);
    return [query[0] ?? null, outputDim ?? knownExtent(query, -1)];
  },
};
