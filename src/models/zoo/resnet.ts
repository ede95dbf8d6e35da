/**
 * ResNet-6n+2 for small images: three stages of n post-activation basic blocks, global average pooling, one dense layer.
 *
 *   y = relu(F(x) + shortcut(x)),  F = conv 3x3, [BN], relu, conv 3x3, [BN]
 *
 * Shortcuts are option A: where a stage halves the image, every second pixel is taken and the missing channels are zeros. With batch normalisation
 * the shortcut is normalised, which adds its only parameters. Convolutions have a bias only without batch normalisation.
 * Kernels N(0, 2 / (9 filters)), classifier U(-1/8, 1/8) at the published width, biases 0.
 * Depth 110 has 1,723,914 parameters (1,728,058 with BN), depth 1202 has 19,376,458 (19,421,370).
 *
 * He, Zhang, Ren and Sun, "Deep Residual Learning for Image Recognition", arXiv:1512.03385, 2015; details as in the GradInit paper.
 */
import { Type } from 'typebox';
import { createGraph, type Graph, type Handle } from './graph.ts';
import { activation, batchNorm, conv2d, dense, extent, globalAveragePool, merge, pool2d, reshape } from './layers.ts';
import { batchNormOption, classes, imageShape, optionsSchema } from './options.ts';
import { defineZooModel } from './zoo-model.ts';

interface Block {
  name: string;
  filters: number;
  stride: number;
  withBatchNorm: boolean;
}

/**
 * Appends zero channels up to `channels`: [h, w, c] -> [h w, c, 1] -> [h w, channels, 1] -> [h, w, channels]. Reshaping copies nothing, so that the
 * cost is that of the padding.
 */
function padChannels(graph: Graph, x: Handle, name: string, channels: number): Handle {
  const [height, width, own] = [extent(x, 0), extent(x, 1), extent(x, 2)];
  const flat = reshape(graph, x, `${name}_columns`, [height * width, own, 1]);
  const padded = graph.call({
    className: 'ZeroPadding2D',
    name: `${name}_zeros`,
    config: {
      padding: [
        [0, 0],
        [0, channels - own],
      ],
      data_format: 'channels_last',
    },
    inputs: [flat],
    shape: [height * width, channels, 1],
  });
  return reshape(graph, padded, name, [height, width, channels]);
}

function shortcut(graph: Graph, x: Handle, { name, filters, stride, withBatchNorm }: Block): Handle {
  let y = x;
  if (stride > 1) {
    y = pool2d(graph, y, { name: `${name}_subsample`, kind: 'Average', size: 1, stride });
    if (withBatchNorm) y = batchNorm(graph, y, `${name}_shortcut_bn`);
  }
  return extent(x, 2) < filters ? padChannels(graph, y, `${name}_shortcut`, filters) : y;
}

function basicBlock(graph: Graph, x: Handle, block: Block): Handle {
  const { name, filters, stride, withBatchNorm } = block;
  let y = conv2d(graph, x, { name: `${name}_conv1`, filters, size: 3, stride, useBias: !withBatchNorm });
  if (withBatchNorm) y = batchNorm(graph, y, `${name}_bn1`);
  y = activation(graph, y, `${name}_relu1`, 'relu');
  y = conv2d(graph, y, { name: `${name}_conv2`, filters, size: 3, useBias: !withBatchNorm });
  if (withBatchNorm) y = batchNorm(graph, y, `${name}_bn2`);
  return activation(graph, merge(graph, [y, shortcut(graph, x, block)], `${name}_add`, 'Add'), `${name}_relu2`, 'relu');
}

export const resnet = defineZooModel({
  name: 'resnet',
  summary:
    'ResNet-6n+2 (20, 32, 44, 56, 110, 1202) for small images: post-activation basic blocks, option-A shortcuts.',
  reference: 'He, Zhang, Ren and Sun, arXiv:1512.03385, 2015; details as in Zhu et al. (GradInit), NeurIPS 2021',
  options: optionsSchema({
    depth: Type.Integer({
      description: '6n + 2, n blocks in each of the three stages.',
      minimum: 8,
      maximum: 1202,
      default: 20,
    }),
    batchNorm: batchNormOption(true),
    inputShape: imageShape([32, 32, 3]),
    classes: classes(),
    width: Type.Integer({
      description: 'Filters of the first stage; the others have two and four times as many.',
      minimum: 1,
      maximum: 1024,
      default: 16,
    }),
  }),
  check({ depth }) {
    if (depth % 6 === 2) return [];
    const nearest = 6 * Math.round((depth - 2) / 6) + 2;
    return [
      {
        pointer: '/depth',
        message: `must be 6n + 2 (20, 32, 44, 56, 110, 1202 ...), got ${depth}; the nearest is ${nearest}`,
      },
    ];
  },
  build({ depth, batchNorm: withBatchNorm, inputShape, classes: units, width }) {
    const graph = createGraph(`resnet${depth}`);
    let x = graph.input('input', inputShape);
    x = conv2d(graph, x, { name: 'stem_conv', filters: width, size: 3, useBias: !withBatchNorm });
    if (withBatchNorm) x = batchNorm(graph, x, 'stem_bn');
    x = activation(graph, x, 'stem_relu', 'relu');
    for (const stage of [1, 2, 3]) {
      for (let block = 1; block <= (depth - 2) / 6; block++) {
        const name = `stage${stage}_block${block}`;
        x = basicBlock(graph, x, {
          name,
          filters: width * 2 ** (stage - 1),
          stride: stage > 1 && block === 1 ? 2 : 1,
          withBatchNorm,
        });
      }
    }
    return graph.model([dense(graph, globalAveragePool(graph, x, 'pool'), { name: 'classifier', units })]);
  },
});
