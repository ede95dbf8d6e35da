/**
 * VGG for small images: blocks of 3x3 convolutions and ReLU, each followed by a 2x2 max-pool, and one dense layer as classifier.
 *
 * Convolutions keep their bias with batch normalisation too, as in the networks of the GradInit paper: 20,029,514 parameters at depth 19, 20,040,522 with it.
 * Kernels N(0, 2 / (9 filters)), classifier N(0, 0.01^2), biases 0.
 *
 * Simonyan and Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition", arXiv:1409.1556, 2014.
 */
import { Type } from 'typebox';
import { createGraph } from './graph.ts';
import { normal } from './initializers.ts';
import { activation, batchNorm, conv2d, dense, flatten, pool2d } from './layers.ts';
import { batchNormOption, classes, imageShape, optionsSchema } from './options.ts';
import { defineZooModel } from './zoo-model.ts';

const filters = [64, 128, 256, 512, 512] as const;
const convolutionsPerBlock = {
  11: [1, 1, 2, 2, 2],
  13: [2, 2, 2, 2, 2],
  16: [2, 2, 3, 3, 3],
  19: [2, 2, 4, 4, 4],
} as const;

/** Filters of every convolution, block by block. */
function blocksOf(depth: keyof typeof convolutionsPerBlock): number[][] {
  return convolutionsPerBlock[depth].map((count, block) => Array.from({ length: count }, () => filters[block] ?? 512));
}

export const vgg = defineZooModel({
  name: 'vgg',
  summary: 'VGG-11/13/16/19 for small images: 3x3 convolutions with bias, 2x2 max-pools, one dense classifier.',
  reference: 'Simonyan and Zisserman, arXiv:1409.1556, 2014; sizes as in Zhu et al. (GradInit), NeurIPS 2021',
  options: optionsSchema({
    depth: Type.Enum([11, 13, 16, 19], { description: 'Weighted layers of the ImageNet original.', default: 19 }),
    batchNorm: batchNormOption(false),
    inputShape: imageShape([32, 32, 3]),
    classes: classes(),
    widths: Type.Optional(
      Type.Array(Type.Array(Type.Integer({ minimum: 1, maximum: 4096 }), { minItems: 1, maxItems: 16 }), {
        description:
          'Filters of every convolution, one list per block, instead of depth; [[16, 16], [32, 32]] is a tiny VGG.',
        minItems: 1,
        maxItems: 8,
      }),
    ),
  }),
  check({ depth, widths, inputShape }) {
    const blocks = widths?.length ?? blocksOf(depth).length;
    const smallest = Math.min(...inputShape.slice(0, 2));
    if (smallest >= 2 ** blocks) return [];
    const message = `must be at least ${2 ** blocks} x ${2 ** blocks}, because ${blocks} max-pools halve it, got ${smallest}; or give fewer blocks in widths`;
    return [{ pointer: '/inputShape', message }];
  },
  build({ depth, widths, batchNorm: withBatchNorm, inputShape, classes: units }) {
    const graph = createGraph(widths ? 'vgg' : `vgg${depth}`);
    let x = graph.input('input', inputShape);
    (widths ?? blocksOf(depth)).forEach((block, b) => {
      block.forEach((count, c) => {
        const id = `${b + 1}_${c + 1}`;
        x = conv2d(graph, x, { name: `conv${id}`, filters: count, size: 3, useBias: true });
        if (withBatchNorm) x = batchNorm(graph, x, `bn${id}`);
        x = activation(graph, x, `relu${id}`, 'relu');
      });
      x = pool2d(graph, x, { name: `pool${b + 1}`, kind: 'Max', size: 2, stride: 2 });
    });
    const features = flatten(graph, x, 'flatten');
    return graph.model([dense(graph, features, { name: 'classifier', units, kernelInitializer: normal(0.01) })]);
  },
});
