/**
 * Mimetic initialisation of self-attention: products of projections start close to those of trained transformers.
 *
 *   W_q W_k^T = a1 Z + b1 I   for every head, its best approximation of rank k: Q = U_k S_k^(1/2), K = V_k S_k^(1/2)
 *   W_v W_o   = a2 Z - b2 I   over all heads together: V = U S^(1/2), O = S^(1/2) V^T;      Z_ij ~ N(0, 1 / d), U S V^T the singular values
 *   biases of the attention 0
 *
 * a1 = b1 = 0.7, a2 = b2 = 0.4 as in the paper for images. Everything outside attention keeps its weights. Applies to self-attention by
 * MultiHeadAttention layers that read and write the same d features; other attention layers are listed in `skipped`. The paper adds sinusoidal
 * position embeddings, which are a matter of the network. A few d^3 operations for every head.
 *
 * Trockman, Kolter: Mimetic Initialization of Self-Attention Layers. ICML 2023, arXiv:2305.09828 (section 4).
 */
import { type Static, Type } from 'typebox';
import { type NDArray, ndarray, sizeOf } from '../../ndarray.ts';
import { createRandom } from '../../random.ts';
import type { Layer, Node, Param, Topology } from '../../topology/topology.ts';
import { betweenIterations, type MethodResult, type Problem, type RunControl, type SkippedParameter } from '../run.ts';
import { type Applicability, defineMethod } from './method.ts';
import { filled } from './redraw.ts';
import { singularValues } from './svd.ts';

const share = (value: number, description: string) =>
  Type.Number({ exclusiveMinimum: 0, maximum: 10, default: value, description });

const options = Type.Object(
  {
    alpha1: share(0.7, 'Noise in the product of queries and keys.'),
    beta1: share(0.7, 'Identity in the product of queries and keys.'),
    alpha2: share(0.4, 'Noise in the product of values and output projection.'),
    beta2: share(0.4, 'Identity, with a negative sign, in the product of values and output projection.'),
  },
  { additionalProperties: false },
);
type Options = Static<typeof options>;

interface Projections {
  readonly query: Param;
  readonly key: Param;
  readonly value: Param;
  readonly output: Param;
  readonly features: number;
}

const isAttention = ({ className }: Layer) =>
  /^(MultiHeadAttention|Group(ed)?QueryAttention|Attention|AdditiveAttention)$/.test(className);

/** The projections of a layer, or the reason why the rule does not apply to it. */
function projectionsOf(layer: Layer, nodes: readonly Node[]): Projections | string {
  if (layer.className !== 'MultiHeadAttention') return `the rule is for MultiHeadAttention, not ${layer.className}`;
  const find = (name: string) => layer.params.find(({ key, group }) => key === `${name}/kernel` && group !== 'none');
  const [query, key, value, output] = [find('query'), find('key'), find('value'), find('attention_output')];
  if (!query || !key || !value || !output) return 'it is frozen';
  const isSelf = nodes.every(({ inputs, call }) => {
    const mask = call.attention_mask;
    return new Set(inputs.filter((_, position) => position !== mask)).size === 1;
  });
  if (!isSelf) return 'it attends to something else than its own input';
  const features = query.shape[0] as number;
  return output.shape.at(-1) === features
    ? { query, key, value, output, features }
    : `it maps ${features} features to ${output.shape.at(-1)}`;
}

/** The columns of alpha Z + beta I. */
function noisyIdentity(size: number, alpha: number, beta: number, normal: () => number): Float64Array[] {
  const deviation = alpha / Math.sqrt(size);
  return Array.from({ length: size }, (_, column) =>
    Float64Array.from({ length: size }, (_, row) => deviation * normal() + (row === column ? beta : 0)),
  );
}

type Arrays = Map<string, NDArray<'float32'>>;

/** Writes the vectors, multiplied by the roots of their singular values, into the columns of a [d, heads, size] kernel, from column `first` on. */
function setColumns(
  data: Float32Array,
  width: number,
  first: number,
  vectors: readonly Float64Array[],
  values: readonly number[],
) {
  vectors.forEach((vector, index) => {
    const root = Math.sqrt(values[index] as number);
    for (let row = 0; row < vector.length; row++) data[row * width + first + index] = root * (vector[row] as number);
  });
}

async function initializeLayer(
  { query, key, value, output, features }: Projections,
  { alpha1, beta1, alpha2, beta2 }: Options,
  { seed }: Problem,
  { signal }: RunControl,
  weights: Arrays,
): Promise<void> {
  const [, heads = 1, size = 1] = query.shape;
  const [q, k] = [new Float32Array(sizeOf(query.shape)), new Float32Array(sizeOf(key.shape))];
  const random = createRandom(seed, query.name);
  for (let head = 0; head < heads; head++) {
    await betweenIterations(signal);
    const { left, right, values } = singularValues(noisyIdentity(features, alpha1, beta1, () => random.normal()));
    const rank = Math.min(size, features);
    setColumns(q, heads * size, head * size, left.slice(0, rank), values);
    setColumns(k, heads * size, head * size, right.slice(0, rank), values);
  }
  await betweenIterations(signal);
  const width = sizeOf(value.shape.slice(1));
  const other = createRandom(seed, value.name);
  const { left, right, values } = singularValues(noisyIdentity(features, alpha2, -beta2, () => other.normal()));
  const rank = Math.min(width, features);
  const [v, o] = [new Float32Array(sizeOf(value.shape)), new Float32Array(sizeOf(output.shape))];
  setColumns(v, width, 0, left.slice(0, rank), values);
  right.slice(0, rank).forEach((vector, row) => {
    const root = Math.sqrt(values[row] as number);
    for (let column = 0; column < features; column++) o[row * features + column] = root * (vector[column] as number);
  });
  const arrays: [Param, Float32Array][] = [
    [query, q],
    [key, k],
    [value, v],
    [output, o],
  ];
  for (const [{ name, shape }, data] of arrays) weights.set(name, ndarray('float32', shape, data));
}

const nodesOf = ({ nodes }: Topology, position: number) => nodes.filter(({ layer, of }) => layer === position && !of);

function applicability(topology: Topology): Applicability {
  const reasons: string[] = [];
  for (const [position, layer] of topology.layers.entries()) {
    if (!isAttention(layer)) continue;
    const found = projectionsOf(layer, nodesOf(topology, position));
    if (typeof found !== 'string') return { applicable: true };
    reasons.push(`"${layer.name}": ${found}`);
  }
  const [first = 'it has no attention layer'] = reasons;
  return { applicable: false, reason: `the topology has no self-attention by a MultiHeadAttention layer (${first})` };
}

export const mimetic = defineMethod({
  name: 'mimetic',
  summary:
    'Self-attention whose query-key and value-output products start near plus and minus the identity; other weights are kept.',
  reference: 'Trockman and Kolter, Mimetic Initialization of Self-Attention Layers, ICML 2023, arXiv:2305.09828',
  options,
  needsSamples: () => false,
  iterative: false,
  refusesGraphs: 'finds',
  secondOrder: false,
  applicability,
  async run(problem, given, control): Promise<MethodResult> {
    const weights: Arrays = new Map(problem.weights);
    const skipped: SkippedParameter[] = [];
    const initialized: string[] = [];
    for (const [position, layer] of problem.topology.layers.entries()) {
      if (!isAttention(layer)) continue;
      const projections = projectionsOf(layer, nodesOf(problem.topology, position));
      if (typeof projections === 'string') {
        skipped.push(...layer.params.map(({ name }) => ({ parameter: name, reason: projections })));
        continue;
      }
      await initializeLayer(projections, given, problem, control, weights);
      for (const { name, shape, group } of layer.params) if (group === 'bias') weights.set(name, filled(shape, 0));
      initialized.push(layer.name);
    }
    return { weights, skipped, findings: { layers: initialized } };
  },
});
