/**
 * DenseNet-BC for small images: three dense blocks, in which every layer receives the outputs of all earlier ones, with compressing transitions
 * between them.
 *
 *   layer:       x <- concat(x, conv3x3_k(relu(BN(conv1x1_4k(relu(BN(x)))))))
 *   transition:  x <- avgpool2(conv1x1_(compression c)(relu(BN(x)))),  c = channels of x
 *
 * Starts with a 3x3 convolution of 2k filters, ends with BN, ReLU, global average pooling and one dense layer. Convolutions have a bias
 * only without batch normalisation. Kernels N(0, 2 / (area filters)), classifier U(-1/sqrt(fan in), 1/sqrt(fan in)), biases 0.
 * Depth 100 with k = 12 has 769,162 parameters, 748,336 without batch normalisation.
 *
 * Huang, Liu, van der Maaten and Weinberger, "Densely Connected Convolutional Networks", arXiv:1608.06993, 2016.
 */
import { Type } from 'typebox';
import { createGraph, type Graph, type Handle } from './graph.ts';
import { activation, batchNorm, concatenate, conv2d, dense, extent, globalAveragePool, pool2d } from './layers.ts';
import { batchNormOption, classes, imageShape, optionsSchema } from './options.ts';
import { defineZooModel } from './zoo-model.ts';

const bottleneck = 4;

interface Unit {
  /** Name of the convolution; the names of its normalisation and activation are derived from it. */
  name: string;
  filters: number;
  size: number;
  withBatchNorm: boolean;
}

/** conv(relu(BN(x))). */
function preActivated(graph: Graph, x: Handle, { name, filters, size, withBatchNorm }: Unit): Handle {
  const normalised = withBatchNorm ? batchNorm(graph, x, name.replace('conv', 'bn')) : x;
  const activated = activation(graph, normalised, name.replace('conv', 'relu'), 'relu');
  return conv2d(graph, activated, { name, filters, size, useBias: !withBatchNorm });
}

export const densenetBc = defineZooModel({
  name: 'densenet-bc',
  summary:
    'DenseNet-BC (depth 100, k = 12 by default) for small images: bottlenecks, compressing transitions, no residual sums.',
  reference:
    'Huang, Liu, van der Maaten and Weinberger, arXiv:1608.06993, 2016; details as in Zhu et al. (GradInit), NeurIPS 2021',
  options: optionsSchema({
    depth: Type.Integer({
      description: '6n + 4, n layers of two convolutions in each of the three blocks.',
      minimum: 10,
      maximum: 400,
      default: 100,
    }),
    growthRate: Type.Integer({
      description: 'Channels that every layer adds (k).',
      minimum: 1,
      maximum: 256,
      default: 12,
    }),
    compression: Type.Number({
      description: 'Share of the channels that a transition keeps.',
      minimum: 0.05,
      maximum: 1,
      default: 0.5,
    }),
    batchNorm: batchNormOption(true),
    inputShape: imageShape([32, 32, 3]),
    classes: classes(),
  }),
  check({ depth, inputShape }) {
    const problems = [];
    if (depth % 6 !== 4)
      problems.push({ pointer: '/depth', message: `must be 6n + 4 (40, 100, 190, 250 ...), got ${depth}` });
    const smallest = Math.min(...inputShape.slice(0, 2));
    if (smallest < 4)
      problems.push({
        pointer: '/inputShape',
        message: `must be at least 4 x 4 for two 2x2 poolings, got ${smallest}`,
      });
    return problems;
  },
  build({ depth, growthRate, compression, batchNorm: withBatchNorm, inputShape, classes: units }) {
    const graph = createGraph(`densenet_bc_${depth}_${growthRate}`);
    let x = graph.input('input', inputShape);
    x = conv2d(graph, x, { name: 'stem_conv', filters: 2 * growthRate, size: 3, useBias: !withBatchNorm });
    for (const block of [1, 2, 3]) {
      for (let layer = 1; layer <= (depth - 4) / 6; layer++) {
        const id = `block${block}_layer${layer}`;
        const narrow = preActivated(graph, x, {
          name: `${id}_conv1`,
          filters: bottleneck * growthRate,
          size: 1,
          withBatchNorm,
        });
        const added = preActivated(graph, narrow, { name: `${id}_conv2`, filters: growthRate, size: 3, withBatchNorm });
        x = concatenate(graph, [x, added], `${id}_concat`);
      }
      if (block < 3) {
        const filters = Math.max(1, Math.floor(compression * extent(x, -1)));
        x = preActivated(graph, x, { name: `transition${block}_conv`, filters, size: 1, withBatchNorm });
        x = pool2d(graph, x, { name: `transition${block}_pool`, kind: 'Average', size: 2, stride: 2 });
      }
    }
    if (withBatchNorm) x = batchNorm(graph, x, 'final_bn');
    const features = globalAveragePool(graph, activation(graph, x, 'final_relu', 'relu'), 'pool');
    return graph.model([dense(graph, features, { name: 'classifier', units })]);
  },
});
