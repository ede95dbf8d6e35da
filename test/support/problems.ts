/** Small initialisation problems with seeded random data, for tests of the engine. */
import type { SampleSource } from '../../src/batch.ts';
import type { Problem, Weights } from '../../src/engine/run.ts';
import { parseModel } from '../../src/models/index.ts';
import { buildZooModel } from '../../src/models/zoo/index.ts';
import { ndarray, sizeOf } from '../../src/ndarray.ts';
import { createRandom } from '../../src/random.ts';
import { initialWeights } from '../../src/topology/draw-initial.ts';
import { splitHead } from '../../src/topology/structure/head.ts';

/** Standard normal inputs with labels that depend on them, so that a network can learn. */
export function randomSamples(inputShape: readonly number[], classes: number, size = 64, seed = 1): SampleSource {
  const random = createRandom(seed, 'test samples');
  const width = sizeOf(inputShape);
  const x = Float32Array.from({ length: size * width }, () => random.normal());
  const y = Int32Array.from({ length: size }, (_, index) => {
    const scores = Array.from({ length: classes }, (_, label) => x[index * width + (label % width)] ?? 0);
    return scores.indexOf(Math.max(...scores));
  });
  return {
    size,
    inputShapes: [inputShape],
    inputDtypes: ['float32'],
    targets: { kind: 'classes', classes },
    gather: (indices) => {
      const chosen = Array.from(indices);
      const rows = Float32Array.from(
        chosen.flatMap((index) => Array.from(x.subarray(index * width, (index + 1) * width))),
      );
      const labels = Int32Array.from(chosen, (index) => y[index] as number);
      return {
        inputs: [ndarray('float32', [chosen.length, ...inputShape], rows)],
        targets: ndarray('int32', [chosen.length], labels),
      };
    },
  };
}

/** A problem without data for a topology given as JSON. */
export function problemFrom(json: unknown, seed = 0): Problem {
  const { topology } = splitHead(parseModel({ topology: json }).topology);
  return { topology, weights: initialWeights(topology, seed), samples: null, loss: null, seed };
}

/** A problem with random samples for a topology given as JSON. */
export function problemOf(topology: object, inputShape: readonly number[], classes: number, seed = 0): Problem {
  return {
    ...problemFrom(topology, seed),
    samples: randomSamples(inputShape, classes),
    loss: { name: 'softmax-cross-entropy', options: {} },
  };
}

/** Every tensor multiplied by `factor`. */
export const scaled = (weights: Weights, factor: number): Weights =>
  new Map(
    [...weights].map(([name, { shape, data }]) => [
      name,
      ndarray(
        'float32',
        shape,
        data.map((value) => value * factor),
      ),
    ]),
  );

const image = [8, 8, 1];
const zooProblem = (name: string, options: object, inputShape: readonly number[], seed: number): Problem =>
  problemOf(buildZooModel(name, { inputShape, ...options }), inputShape, 10, seed);

/** Self-attention by a MultiHeadAttention layer of Keras 3. */
function selfAttention(seed = 0): Problem {
  const layer = (class_name: string, name: string, config: object, inputs: readonly string[]) => ({
    module: 'keras.layers',
    class_name,
    name,
    config: { name, ...config },
    inbound_nodes:
      inputs.length === 0
        ? []
        : [
            {
              args: inputs.map((from) => ({
                class_name: '__keras_tensor__',
                config: { shape: [null, 5, 6], dtype: 'float32', keras_history: [from, 0, 0] },
              })),
              kwargs: {},
            },
          ],
  });
  const layers = [
    layer('InputLayer', 'x', { batch_shape: [null, 5, 6], dtype: 'float32' }, []),
    layer('MultiHeadAttention', 'mha', { num_heads: 2, key_dim: 3 }, ['x', 'x']),
    layer('Add', 'sum', {}, ['x', 'mha']),
    layer('GlobalAveragePooling1D', 'pool', {}, ['sum']),
    layer('Dense', 'out', { units: 10 }, ['pool']),
  ];
  const config = { name: 'attention', layers, input_layers: [['x', 0, 0]], output_layers: [['out', 0, 0]] };
  const topology = { module: 'keras', class_name: 'Functional', registered_name: 'Functional', config };
  return problemOf(topology, [5, 6], 10, seed);
}

/** Networks with and without batch normalisation, by name. */
export const problems = {
  mlp: (seed = 0) => zooProblem('mlp', { sizes: [12, 8] }, [6], seed),
  convolution: (seed = 0) => zooProblem('vgg', { widths: [[4], [6]], batchNorm: false }, image, seed),
  batchNorm: (seed = 0) => zooProblem('vgg', { widths: [[4], [6]], batchNorm: true }, image, seed),
  selfAttention,
  residual: (seed = 0) => zooProblem('resnet', { depth: 8, width: 4 }, image, seed),
} as const;
