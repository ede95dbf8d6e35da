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

/** Fans are counted over the axes of the projection, as Keras (from 3.15) does; by position they would be those of a 1D convolution. */
function withAxes(initializer: Initializer, inputAxes: readonly number[], outputAxes: readonly number[]): Initializer {
  return initializer.kind === 'variance-scaling' ? { inputAxes, outputAxes, ...initializer } : initializer;
}

interface Projection {
  readonly kernel: readonly number[];
  readonly bias: readonly number[];
  readonly inputAxes: readonly number[];
  readonly outputAxes: readonly number[];
}

function projection(
  name: string,
  { kernel, bias, inputAxes, outputAxes }: Projection,
  config: MultiHeadAttentionConfig,
) {
  const params: LayerParam[] = [weightParam(`${name}/kernel`, kernel, withAxes(config.kernel, inputAxes, outputAxes))];
  if (config.bias === null) return params;
  return [...params, { key: `${name}/bias`, shape: bias, initializer: config.bias, group: 'bias' } as const];
}

/** [..., features] -> [..., heads, size] */
const toHeads = (features: number, heads: number, size: number): Projection => {
  return { kernel: [features, heads, size], bias: [heads, size], inputAxes: [0], outputAxes: [1, 2] };
};

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
      ...projection('query', toHeads(knownExtent(query, -1), heads, keyDim), config),
      ...projection('key', toHeads(knownExtent(key, -1), heads, keyDim), config),
      ...projection('value', toHeads(knownExtent(value, -1), heads, valueDim), config),
      ...projection(
        'attention_output',
        { kernel: [heads, valueDim, outputDim], bias: [outputDim], inputAxes: [0, 1], outputAxes: [2] },
        config,
      ),
    ];
  },
  outputShape({ outputDim }, inputs): Shape {
    const { query } = attentionInputs(inputs);
    return [query[0] ?? null, outputDim ?? knownExtent(query, -1)];
  },
};
