/**
 * Wide ResNet: three stages of pre-activation blocks with many filters, final normalisation, global average pooling, one dense layer.
 *
 *   y = conv3x3(relu(BN(conv3x3(relu(BN(x)))))) + shortcut(x),  shortcut = a 1x1 convolution where the shape changes
 *
 * As in the network of the GradInit paper, and unlike the original: every convolution has a bias, the second one of a block carries the
 * stride, and kernels and biases keep PyTorch's default U(-1/sqrt(fan in), 1/sqrt(fan in)), so biases are not zero and get scaled.
 * WRN-28-10 has 36,489,290 parameters. The published dropout (0.3) acts in training only and is omitted.
 *
 * Zagoruyko and Komodakis, "Wide Residual Networks", arXiv:1605.07146, 2016.
 */
import { Type } from 'typebox';
import { createGraph, type Graph, type Handle } from './graph.ts';
import { torchDefault } from './initializers.ts';
import { activation, batchNorm, conv2d, dense, extent, globalAveragePool, merge } from './layers.ts';
import { batchNormOption, classes, imageShape, optionsSchema } from './options.ts';
import { defineZooModel } from './zoo-model.ts';

/** The published code passes 0.9 to PyTorch, where it is the weight of the NEW statistics, for the normalisation before the classifier. */
const finalMomentum = 0.1;

interface Conv {
  name: string;
  filters: number;
  size: number;
  stride: number;
}

function convWithBias(graph: Graph, x: Handle, conv: Conv): Handle {
  const initializer = torchDefault(conv.size ** 2 * extent(x, -1));
  return conv2d(graph, x, { ...conv, useBias: true, kernelInitializer: initializer, biasInitializer: initializer });
}

interface Block {
  name: string;
  filters: number;
  stride: number;
  withBatchNorm: boolean;
}

function wideBlock(graph: Graph, x: Handle, { name, filters, stride, withBatchNorm }: Block): Handle {
  const activate = (input: Handle, index: number) => {
    const normalised = withBatchNorm ? batchNorm(graph, input, `${name}_bn${index}`) : input;
    return activation(graph, normalised, `${name}_relu${index}`, 'relu');
  };
  const inner = convWithBias(graph, activate(x, 1), { name: `${name}_conv1`, filters, size: 3, stride: 1 });
  const branch = convWithBias(graph, activate(inner, 2), { name: `${name}_conv2`, filters, size: 3, stride });
  const projects = stride > 1 || extent(x, -1) !== filters;
  const shortcut = projects ? convWithBias(graph, x, { name: `${name}_shortcut`, filters, size: 1, stride }) : x;
  return merge(graph, [branch, shortcut], `${name}_add`, 'Add');
}

export const wideResnet = defineZooModel({
  name: 'wide-resnet',
  summary:
    'Wide ResNet (28-10 by default) for small images: pre-activation blocks, biases everywhere, 1x1 projection shortcuts.',
  reference: 'Zagoruyko and Komodakis, arXiv:1605.07146, 2016; details as in Zhu et al. (GradInit), NeurIPS 2021',
  options: optionsSchema({
    depth: Type.Integer({
      description: '6n + 4, n blocks in each of the three stages.',
      minimum: 10,
      maximum: 1000,
      default: 28,
    }),
    widenFactor: Type.Integer({
      description: 'Stages have 16, 32 and 64 times this many filters.',
      minimum: 1,
      maximum: 64,
      default: 10,
    }),
    batchNorm: batchNormOption(true),
    inputShape: imageShape([32, 32, 3]),
    classes: classes(),
  }),
  check({ depth }) {
    if (depth % 6 === 4) return [];
    return [{ pointer: '/depth', message: `must be 6n + 4 (10, 16, 22, 28, 34, 40 ...), got ${depth}` }];
  },
  build({ depth, widenFactor, batchNorm: withBatchNorm, inputShape, classes: units }) {
    const graph = createGraph(`wrn_${depth}_${widenFactor}`);
    let x = graph.input('input', inputShape);
    x = convWithBias(graph, x, { name: 'stem_conv', filters: 16, size: 3, stride: 1 });
    for (const stage of [1, 2, 3]) {
      for (let block = 1; block <= (depth - 4) / 6; block++) {
        const name = `stage${stage}_block${block}`;
        const filters = 16 * widenFactor * 2 ** (stage - 1);
        x = wideBlock(graph, x, { name, filters, stride: stage > 1 && block === 1 ? 2 : 1, withBatchNorm });
      }
    }
    if (withBatchNorm) x = batchNorm(graph, x, 'final_bn', finalMomentum);
    const features = globalAveragePool(graph, activation(graph, x, 'final_relu', 'relu'), 'pool');
    const biasInitializer = torchDefault(extent(features, -1));
    return graph.model([dense(graph, features, { name: 'classifier', units, biasInitializer })]);
  },
});
