/**
 * Initial mean and variance of every tensor of a network, from those of its inputs, without data.
 *
 *   weighted layer (dense, convolution)   Var[W] = 1 / (fan (mean^2 + variance)): its output has mean 0 and variance 1, then its activation follows
 *   activation f                          mean = E f(z), variance = E f(z)^2 - mean^2,  z ~ N(mean, variance), by the trapezoid rule
 *   other layers without kernels          moments of their outputs on Gaussian inputs of the incoming moments, drawn once with a fixed seed
 *   other layers with kernels             kernels as weighted layers, biases 0; then as layers without kernels
 */
import { type NDArray, sizeOf } from '../../ndarray.ts';
import { createRandom } from '../../random.ts';
import { kernelMatrices } from '../../topology/structure/kernel-matrix.ts';
import { activationOf, isKernel, unwrapped, withoutActivation } from '../../topology/structure/output-kernel.ts';
import type { Layer, Node, Param, Shape, Topology } from '../../topology/topology.ts';
import { betweenIterations } from '../run.ts';
import { scoped, type Tensor, tf } from '../tf.ts';
import { type Arrays, forwardLayer } from './layer-walk.ts';

export interface Moments {
  readonly mean: number;
  readonly variance: number;
}

/** Draws a kernel of mean zero and the given variance. */
export type DrawKernel = (param: Param, layer: Layer, variance: number) => NDArray<'float32'>;

/** Least number of elements of a sampled tensor over all samples. */
const sampledElements = 16_384;
/** Value of extents that only the data determines. */
const unknownExtent = 8;
/** Points of the trapezoid rule, and half the width of its interval in standard deviations. */
const gridPoints = 4001;
const gridWidth = 10;

const known = (shape: Shape): number[] => shape.map((extent) => extent ?? unknownExtent);

const isPlain = (layer: Layer) =>
  /^(Dense|EinsumDense|(Depthwise)?Conv\dD(Transpose)?)$/.test(unwrapped(layer).className);
const isActivation = (layer: Layer) =>
  /^(Activation|ReLU|LeakyReLU|ELU|ThresholdedReLU)$/.test(layer.className) && activationOf(layer) !== 'softmax';

function momentsOf(tensor: Tensor): Moments {
  const { mean, variance } = tf.moments(tf.cast(tensor, 'float32'));
  return { mean: mean.dataSync()[0] as number, variance: variance.dataSync()[0] as number };
}

/** Moments of the output of an elementwise layer for inputs z = mean + deviation t with t standard normal. */
function throughActivation(layer: Layer, node: Node, { mean, variance }: Moments): Moments {
  return scoped(() => {
    const deviation = Math.sqrt(variance);
    const step = (2 * gridWidth) / (gridPoints - 1);
    const t = Float64Array.from({ length: gridPoints }, (_, index) => -gridWidth + index * step);
    const z = tf.tensor(
      Float32Array.from(t, (value) => mean + deviation * value),
      [1, gridPoints],
    );
    const values = forwardLayer({ layer, node, inputs: [z] }, new Map()).dataSync();
    let [first, second] = [0, 0];
    for (let index = 0; index < gridPoints; index++) {
      const weight = (Math.exp(-((t[index] as number) ** 2) / 2) / Math.sqrt(2 * Math.PI)) * step;
      first += weight * (values[index] as number);
      second += weight * (values[index] as number) ** 2;
    }
    return { mean: first, variance: Math.max(0, second - first ** 2) };
  });
}

/** A layer without parameters that applies the activation of `layer`. */
const activationLayer = (layer: Layer): Layer => {
  const { config } = unwrapped(layer) as { config: { activation: unknown } };
  return { ...layer, className: 'Activation', config: { activation: config.activation }, params: [] };
};

/** Moments of the layer's output on Gaussian inputs with the given moments. */
function sampled(
  layer: Layer,
  node: Node,
  shapes: readonly Shape[],
  inputs: readonly Moments[],
  weights: Arrays,
): Moments {
  return scoped(() => {
    const random = createRandom(0, `moments of ${layer.name}`);
    const samples = Math.max(2, Math.ceil(sampledElements / Math.max(...shapes.map((shape) => sizeOf(known(shape))))));
    const tensors = inputs.map(({ mean, variance }, index) => {
      const shape = [samples, ...known(shapes[index] as Shape)];
      const deviation = Math.sqrt(variance);
      return tf.tensor(
        Float32Array.from({ length: sizeOf(shape) }, () => mean + deviation * random.normal()),
        shape,
      );
    });
    return momentsOf(forwardLayer({ layer, node, inputs: tensors }, weights, 'batch'));
  });
}

export interface PropagatedLayer {
  readonly layer: string;
  readonly input: Moments;
  readonly output: Moments;
}

/**
 * @param inputs moments of each input of the model
 * @param weights receives a new value, by `draw`, for every kernel; its biases must be zero
 * @returns the moments of input and output of every layer with kernels
 */
export async function propagateMoments(
  topology: Topology,
  inputs: readonly Moments[],
  weights: Arrays,
  draw: DrawKernel,
  signal: AbortSignal,
): Promise<PropagatedLayer[]> {
  const moments = new Map<number, Moments>();
  const layers: PropagatedLayer[] = [];
  const drawn = new Set<number>();
  for (const node of topology.nodes) {
    const position = topology.inputs.indexOf(node.id);
    if (position >= 0) {
      moments.set(node.id, inputs[position] ?? { mean: 0, variance: 1 });
      continue;
    }
    await betweenIterations(signal);
    const layer = topology.layers[node.layer] as Layer;
    const read = node.inputs.map((id) => moments.get(id) as Moments);
    const kernels = layer.params.filter(isKernel);
    const [first = { mean: 0, variance: 1 }] = read;
    if (!drawn.has(node.layer)) for (const kernel of kernels) drawKernel(kernel, layer, first);
    drawn.add(node.layer);
    const output = outputOf(layer, node, read);
    moments.set(node.id, output);
    if (kernels.length > 0) layers.push({ layer: layer.name, input: first, output });
  }
  return layers;

  /** Token ids have no moments: every row of the table is assumed to be used equally often. */
  function tableMoments({ params: [table] }: Layer): Moments {
    const { data, shape } = weights.get((table as Param).name) as NDArray<'float32'>;
    return scoped(() => momentsOf(tf.tensor(data, [...shape])));
  }

  function drawKernel(kernel: Param, layer: Layer, { mean, variance }: Moments): void {
    // Kernels inside a layer have another input than the layer; unit moments are assumed.
    const isInner = /recurrent_kernel$|attention_output\/kernel$|pointwise_kernel$/.test(kernel.key);
    const power = isInner ? 1 : mean ** 2 + variance;
    const { rows } = kernelMatrices(layer, kernel);
    weights.set(kernel.name, draw(kernel, layer, 1 / (rows * (power > 0 ? power : 1))));
  }

  function outputOf(layer: Layer, node: Node, read: readonly Moments[]): Moments {
    if (layer.className === 'Embedding') return tableMoments(layer);
    if (isActivation(layer)) return throughActivation(layer, node, read[0] as Moments);
    if (isPlain(layer) && layer.params.some(({ group }) => group !== 'none')) {
      const unit = { mean: 0, variance: 1 };
      return withoutActivation(layer) === layer ? unit : throughActivation(activationLayer(layer), node, unit);
    }
    const shapes = node.inputs.map((id) => (topology.nodes[id] as Node).shape);
    return sampled(layer, node, shapes, read, weights);
  }
}
