/**
 * A multilayer perceptron: dense layers of the given sizes, one dense layer of logits.
 *
 * Kernels N(0, 2 / fan in) before ReLU-like activations and N(0, 2 / (fan in + fan out)) before all others and for the logits, biases 0.
 */
import { Type } from 'typebox';
import { createGraph } from './graph.ts';
import { heNormal, normal } from './initializers.ts';
import { activation as activationLayer, batchNorm, dense, extent, flatten } from './layers.ts';
import { batchNormOption, classes, optionsSchema } from './options.ts';
import { defineZooModel } from './zoo-model.ts';

const activations = ['relu', 'elu', 'selu', 'tanh', 'sigmoid', 'softplus', 'swish', 'linear'] as const;
const reluLike: readonly string[] = ['relu', 'elu', 'softplus', 'swish'];

export const mlp = defineZooModel({
  name: 'mlp',
  summary: 'A multilayer perceptron with the given hidden sizes and activation; images are flattened.',
  reference:
    'Rumelhart, Hinton and Williams, Nature 323, 1986; kernels as in He et al., arXiv:1502.01852, and Glorot and Bengio, AISTATS 2010',
  options: optionsSchema({
    inputShape: Type.Array(Type.Integer({ minimum: 1, maximum: 1_000_000 }), {
      description: 'Shape of one sample.',
      minItems: 1,
      maxItems: 4,
      default: [784],
    }),
    sizes: Type.Array(Type.Integer({ minimum: 1, maximum: 65_536 }), {
      description: 'Units of the hidden layers.',
      maxItems: 1000,
      default: [128, 128],
    }),
    activation: Type.Enum([...activations], { description: 'Of the hidden layers.', default: 'relu' }),
    batchNorm: batchNormOption(false),
    classes: classes(),
  }),
  build({ inputShape, sizes, activation, batchNorm: withBatchNorm, classes: units }) {
    const graph = createGraph('mlp');
    let x = graph.input('input', inputShape);
    if (inputShape.length > 1) x = flatten(graph, x, 'flatten');
    const glorot = (size: number) => normal(Math.sqrt(2 / (extent(x, -1) + size)));
    sizes.forEach((size, index) => {
      const kernelInitializer = reluLike.includes(activation) ? heNormal(extent(x, -1)) : glorot(size);
      x = dense(graph, x, { name: `dense${index + 1}`, units: size, kernelInitializer });
      if (withBatchNorm) x = batchNorm(graph, x, `bn${index + 1}`);
      x = activationLayer(graph, x, `${activation}${index + 1}`, activation);
    });
    return graph.model([dense(graph, x, { name: 'classifier', units, kernelInitializer: glorot(units) })]);
  },
});
