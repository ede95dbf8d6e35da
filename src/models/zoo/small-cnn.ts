/**
 * A small convolutional network for tests and demonstrations: two convolutions, a max-pool, two more, global average pooling, logits.
 *
 * Its size suits the 8x8 digits. Kernels N(0, 2 / (9 filters)), classifier U(-1/sqrt(fan in), 1/sqrt(fan in)), biases 0. Convolutions have a bias
 * only without batch normalisation.
 */
import { Type } from 'typebox';
import { createGraph } from './graph.ts';
import { activation, batchNorm, conv2d, dense, globalAveragePool, pool2d } from './layers.ts';
import { batchNormOption, classes, imageShape, optionsSchema } from './options.ts';
import { defineZooModel } from './zoo-model.ts';

export const smallCnn = defineZooModel({
  name: 'small-cnn',
  summary: 'Four 3x3 convolutions and one dense layer, for 8x8 digits and quick trials.',
  reference: 'this project',
  options: optionsSchema({
    inputShape: imageShape([8, 8, 1]),
    classes: classes(),
    width: Type.Integer({
      description: 'Filters of the first two convolutions; the others have twice as many.',
      minimum: 1,
      maximum: 1024,
      default: 16,
    }),
    batchNorm: batchNormOption(false),
  }),
  check({ inputShape }) {
    const smallest = Math.min(...inputShape.slice(0, 2));
    return smallest >= 2
      ? []
      : [{ pointer: '/inputShape', message: `must be at least 2 x 2 for the max-pool, got ${smallest}` }];
  },
  build({ inputShape, classes: units, width, batchNorm: withBatchNorm }) {
    const graph = createGraph('small_cnn');
    let x = graph.input('input', inputShape);
    [width, width, 2 * width, 2 * width].forEach((filters, index) => {
      if (index === 2) x = pool2d(graph, x, { name: 'pool1', kind: 'Max', size: 2, stride: 2 });
      x = conv2d(graph, x, { name: `conv${index + 1}`, filters, size: 3, useBias: !withBatchNorm });
      if (withBatchNorm) x = batchNorm(graph, x, `bn${index + 1}`);
      x = activation(graph, x, `relu${index + 1}`, 'relu');
    });
    return graph.model([dense(graph, globalAveragePool(graph, x, 'pool2'), { name: 'classifier', units })]);
  },
});
