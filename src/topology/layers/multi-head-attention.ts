/** MultiHeadAttention and GroupQueryAttention as in Keras 3: projections to heads, scaled dot-product attention, projection of the result. */
import type { ConfigReader } from '../config-reader.ts';
import type { Initializer } from '../initializers.ts';
import type { LayerSpec } from '../layer-spec.ts';
import type { LayerParam, Shape } from '../topology.ts';
import { attentionCall } from './attention.ts';
import { readAxes, resolveAxes } from './axes.ts';
import { knownExtent, misfit, showShape } from './misfit.ts';
import { type BiasInitializer, readBias, weightParam } from './params.ts';

export interface MultiHeadAttentionConfig {
  readonly heads: number;
  /** Number of heads of keys and values; each is shared by heads / keyHeads heads of the query. */
  readonly keyHeads: number;
  /** Features of the query and the key of each head. */
  readonly keyDim: number;
  /** Features of the value of each head. */
  readonly valueDim: number;
  /** null: as many features as the query has. */
  readonly outputDim: number | null;
  /** Axes over which attention is computed, as configured; null: all axes between the batch and the features. */
  readonly axes: readonly number[] | null;
  /** True: the outputs of the heads are multiplied by sigmoid(query kernel). */
  readonly gate: boolean;
  /** Number of steps within which a query attends to keys; null: all keys. */
  readonly slidingWindow: number | null;
  readonly kernel: Initializer;
  readonly bias: BiasInitializer;
}

const readWindow = (config: ConfigReader) =>
  (config.raw('sliding_window') ?? null) === null ? null : config.integer('sliding_window', undefined, { min: 1 });

function readOutputDim(config: ConfigReader): number | null {
  const given = (config.raw('output_shape') ?? null) !== null;
  return given ? (config.integers('output_shape', 1)[0] ?? null) : null;
}

/** Fans are counted over the axes of the projection, as in Keras since 3.15; the rule for convolutions would give others. */
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

interface Inputs {
  readonly query: Shape;
  readonly value: Shape;
  readonly key: Shape;
  /** Positions of the attended axes, without the batch axis. */
  readonly axes: readonly number[];
}

/** [query, value] or [query, value, key] of one rank; axes that are not attended are equal. An attention_mask may follow. */
function headInputs(
  given: readonly Shape[],
  call: Readonly<Record<string, unknown>> | undefined,
  { axes }: MultiHeadAttentionConfig,
): Inputs {
  const mask = call?.attention_mask;
  const inputs = given.filter((_, index) => index !== mask);
  const [query, value, key = value] = inputs;
  if (query === undefined || value === undefined || key === undefined || inputs.length > 3)
    return misfit(`must be [query, value] or [query, value, key], got ${inputs.length} tensors`);
  const rank = query.length;
  if (rank < 2 || value.length !== rank || key.length !== rank)
    return misfit(
      `must have at least 3 axes (batch, time, features) and one rank, got ${[query, value, key].map(showShape).join(', ')}`,
    );
  const all = Array.from({ length: rank - 1 }, (_, axis) => axis);
  const attended = axes === null ? all : resolveAxes(query, axes).map((axis) => axis - 1);
  if (attended.includes(rank - 1)) return misfit('must not be attended over its features');
  const differs = all.find((axis) => {
    const reference = attended.includes(axis) ? value[axis] : query[axis];
    const others = attended.includes(axis) ? [key[axis]] : [value[axis], key[axis]];
    return others.some((extent) => extent !== reference && extent !== null && reference !== null);
  });
  if (differs !== undefined)
    return misfit(`must agree along axis ${differs + 1}, got ${[query, value, key].map(showShape).join(', ')}`);
  if (rank > 2 && (mask !== undefined || call?.use_causal_mask === true))
    return misfit('cannot be masked where it has more than 3 axes');
  return { query, value, key, axes: attended };
}

/** The common part of both classes after their configurations are read. */
const heads = {
  params(config, inputs, call) {
    const { keyDim, valueDim, gate } = config;
    const { query, value, key } = headInputs(inputs, call, config);
    const features = knownExtent(query, -1);
    const outputDim = config.outputDim ?? features;
    return [
      ...projection('query', toHeads(features, config.heads, keyDim), config),
      ...projection('key', toHeads(knownExtent(key, -1), config.keyHeads, keyDim), config),
      ...(gate ? projection('gate', toHeads(features, config.heads, valueDim), config) : []),
      ...projection('value', toHeads(knownExtent(value, -1), config.keyHeads, valueDim), config),
      ...projection(
        'attention_output',
        { kernel: [config.heads, valueDim, outputDim], bias: [outputDim], inputAxes: [0, 1], outputAxes: [2] },
        config,
      ),
    ];
  },
  outputShape(config, inputs, call) {
    const { query } = headInputs(inputs, call, config);
    return [...query.slice(0, -1), config.outputDim ?? knownExtent(query, -1)];
  },
  furtherShapes(config, inputs, call) {
    if (call?.return_attention_scores !== true) return [];
    const { query, key, axes } = headInputs(inputs, call, config);
    const along = (shape: Shape) => axes.map((axis) => shape[axis] ?? null);
    const free = query.slice(0, -1).filter((_, axis) => !axes.includes(axis));
    return [[...free, config.heads, ...along(query), ...along(key)]];
  },
} satisfies Pick<LayerSpec<MultiHeadAttentionConfig>, 'params' | 'outputShape' | 'furtherShapes'>;

/** The name in Keras 3 of the projection to which a parameter belongs. */
const projectionGroup = (key: string) => `${key.split('/')[0]?.replace('attention_', '')}_dense`;

const call = { ...attentionCall, extras: ['attention_mask'] } as const;

export const multiHeadAttention: LayerSpec<MultiHeadAttentionConfig> = {
  classNames: ['MultiHeadAttention'],
  call,
  parse(config) {
    const keyDim = config.integer('key_dim', undefined, { min: 1 });
    const count = config.integer('num_heads', undefined, { min: 1 });
    return {
      heads: count,
      keyHeads: count,
      keyDim,
      valueDim: config.integer('value_dim', keyDim, { min: 1 }),
      outputDim: readOutputDim(config),
      axes: (config.raw('attention_axes') ?? null) === null ? null : readAxes(config, 'attention_axes', 1),
      gate: config.boolean('use_gate', false),
      slidingWindow: readWindow(config),
      kernel: config.initializer('kernel_initializer', 'glorotUniform'),
      bias: readBias(config),
    };
  },
  ...heads,
  keras3Group: (_config, key) => (key.startsWith('gate/') ? '_gate_dense' : projectionGroup(key)),
};

export const groupQueryAttention: LayerSpec<MultiHeadAttentionConfig> = {
  classNames: ['GroupQueryAttention', 'GroupedQueryAttention'],
  call,
  parse(config) {
    const size = config.integer('head_dim', undefined, { min: 1 });
    const count = config.integer('num_query_heads', undefined, { min: 1 });
    const keyHeads = config.integer('num_key_value_heads', undefined, { min: 1 });
    if (count % keyHeads !== 0)
      config.fail('num_key_value_heads', `must divide num_query_heads (${count}), got ${keyHeads}`);
    return {
      heads: count,
      keyHeads,
      keyDim: size,
      valueDim: size,
      outputDim: null,
      axes: [1],
      gate: config.boolean('use_gate', false),
      slidingWindow: readWindow(config),
      kernel: config.initializer('kernel_initializer', 'glorotUniform'),
      bias: readBias(config),
    };
  },
  ...heads,
  keras3Group: (_config, key) => `_${projectionGroup(key)}`,
};
