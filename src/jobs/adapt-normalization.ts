/**
 * Statistics of Normalization layers that a model leaves open, from the samples of the job, as Keras' `adapt` takes them:
 *
 *   mean and variance (of the population) over the samples and all axes but those of the layer
 *
 * Sums are float64 and taken of differences to the first sample, so that large means cost no digits.
 */
import type { SampleSource } from '../batch.ts';
import { type NDArray, ndarray, sizeOf } from '../ndarray.ts';
import { resolveAxes } from '../topology/layers/axes.ts';
import type { NormalizationConfig } from '../topology/layers/rescaling.ts';
import type { Layer, Node, Topology } from '../topology/topology.ts';

export interface AdaptedStatistics {
  /** Means and variances by parameter name. */
  readonly weights: ReadonlyMap<string, NDArray<'float32'>>;
  /** What was done, and what was left as it is, for the report. */
  readonly notices: readonly string[];
}

const samplesPerGather = 1024;

const isOpen = ({ className, params }: Layer) => className === 'Normalization' && params.length > 0;

/** For every element of a sample the index of its statistic: that of its place along the axes of the layer. */
function statisticOf(shape: readonly number[], axes: readonly number[]): Int32Array {
  return Int32Array.from({ length: sizeOf(shape) }, (_, element) => {
    let rest = element;
    const place = shape.map(() => 0);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const extent = shape[axis] as number;
      place[axis] = rest % extent;
      rest = Math.floor(rest / extent);
    }
    return axes.reduce((index, axis) => index * (shape[axis] as number) + (place[axis] as number), 0);
  });
}

/** Mean and variance of one input, by index of the statistic. */
function measure(samples: SampleSource, input: number, owner: Int32Array, count: number) {
  const [shift, sum, squares, seen] = [0, 1, 2, 3].map(() => new Float64Array(count)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  for (let start = 0; start < samples.size; start += samplesPerGather) {
    const length = Math.min(samplesPerGather, samples.size - start);
    const { inputs } = samples.gather(Int32Array.from({ length }, (_, index) => start + index));
    const { data } = inputs[input] as NDArray<'float32' | 'int32'>;
    for (let at = 0; at < data.length; at++) {
      const k = owner[at % owner.length] as number;
      const value = data[at] as number;
      if (seen[k] === 0) shift[k] = value;
      const difference = value - (shift[k] as number);
      sum[k] = (sum[k] as number) + difference;
      squares[k] = (squares[k] as number) + difference * difference;
      seen[k] = (seen[k] as number) + 1;
    }
  }
  const mean = sum.map((total, k) => total / (seen[k] as number));
  const variance = squares.map((total, k) => Math.max(0, total / (seen[k] as number) - (mean[k] as number) ** 2));
  return { mean: mean.map((value, k) => value + (shift[k] as number)), variance };
}

/** The position of the model's input that the layer reads, and nothing else reads it with; null where it reads something else. */
function inputOf(topology: Topology, layer: Layer): number | null {
  const nodes = topology.nodes.filter((node) => topology.layers[node.layer] === layer);
  const sources = new Set(nodes.map(({ inputs }) => topology.inputs.indexOf(inputs[0] ?? -1)));
  const [input = -1, ...others] = sources;
  return input >= 0 && others.length === 0 ? input : null;
}

/** @param samples null: there are none, and every layer is left as it is */
export function adaptNormalizations(topology: Topology, samples: SampleSource | null): AdaptedStatistics {
  const weights = new Map<string, NDArray<'float32'>>();
  const notices = topology.layers.filter(isOpen).map((layer) => {
    const what = `layer "${layer.name}" (Normalization) has no statistics`;
    const input = inputOf(topology, layer);
    if (samples === null || input === null) {
      const why = samples === null ? 'there is no data' : 'it does not read an input of the model alone';
      return `${what}, and ${why}: mean 0 and variance 1 stay; give weights that have them, or mean and variance in its configuration`;
    }
    const shape = samples.inputShapes[input] as readonly number[];
    const { axes } = layer.config as NormalizationConfig;
    const node = topology.nodes[topology.inputs[input] as number] as Node;
    const owner = statisticOf(
      shape,
      resolveAxes(node.shape, axes).map((axis) => axis - 1),
    );
    const sizes = layer.params.map((param) => sizeOf(param.shape));
    const found: Readonly<Record<string, Float64Array>> = measure(samples, input, owner, Math.max(1, sizes[0] ?? 1));
    for (const { key, name, shape: own } of layer.params) {
      const values = found[key];
      if (values) weights.set(name, ndarray('float32', own, Float32Array.from(values)));
    }
    return `${what}: they are those of the ${samples.size} training samples, as adapt() takes them`;
  });
  return { weights, notices };
}
