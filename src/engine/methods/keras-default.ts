/**
 * The initial values of Keras layers without a named initialiser, whatever initialisers the posted topology names.
 *
 *   kernels  Glorot uniform, U(-b, b), b = sqrt(6 / (fanIn + fanOut)), fans as Keras counts them;   recurrent kernels orthogonal;   biases 0
 *   LSTM biases 1 for the forget gate;   Embedding U(-0.05, 0.05);   normalisations gain 1, offset 0;   PReLU 0
 *
 * Differs from ./xavier.ts in recurrent kernels (orthogonal over all gates together), forget gates, embeddings and gains. Parameters whose value
 * the layer itself requires (LayerScale) keep it and are listed.
 *
 * Keras 3: keras.layers, the default of every *_initializer argument.
 */
import { Type } from 'typebox';
import type { Initializer } from '../../topology/initializers.ts';
import { isNormalizationClass } from '../../topology/structure/normalization-class.ts';
import { unwrapped } from '../../topology/structure/output-kernel.ts';
import type { Layer, Param } from '../../topology/topology.ts';
import { defineMethod } from './method.ts';
import { drawBy, needsKernel, redrawParams } from './redraw.ts';

const options = Type.Object({}, { additionalProperties: false });

const glorot: Initializer = { kind: 'variance-scaling', scale: 1, mode: 'fanAvg', distribution: 'uniform' };
const constant = (value: number): Initializer => ({ kind: 'constant', value });
const forgetBias: Initializer = { kind: 'unit-forget-bias', rest: constant(0) };

/** True for the bias of an LSTM, which has four concatenated gates, also inside other layers. */
function isLstmBias({ key, shape }: Param, layer: Layer): boolean {
  const recurrent = layer.params.find((other) => other.key === key.replace(/bias$/, 'recurrent_kernel'));
  if (recurrent === undefined || shape.length !== 1) return false;
  return recurrent.shape.at(-1) === 4 * (recurrent.shape.at(-2) as number);
}

/** The default initialiser of one parameter; undefined where the layer has none. */
function defaultOf(param: Param, layer: Layer): Initializer | undefined {
  const { key } = param;
  const { className } = unwrapped(layer);
  if (key.endsWith('recurrent_kernel')) return { kind: 'orthogonal', gain: 1 };
  if (key.endsWith('kernel')) return glorot;
  if (key.endsWith('bias')) return isLstmBias(param, layer) ? forgetBias : constant(0);
  if (className === 'Embedding') return { kind: 'uniform', min: -0.05, max: 0.05 };
  if (className === 'PReLU') return constant(0);
  if (isNormalizationClass(className)) return constant(key === 'beta' ? 0 : 1);
  if (className === 'Attention') return constant(1);
  return className === 'AdditiveAttention' ? glorot : undefined;
}

export const kerasDefault = defineMethod({
  name: 'keras-default',
  summary:
    'What Keras layers start from: Glorot uniform kernels, orthogonal recurrences, zero biases, embeddings U(-0.05, 0.05).',
  reference: 'Chollet et al., Keras, 2015, default initialisers of keras.layers',
  options,
  needsSamples: () => false,
  iterative: false,
  secondOrder: false,
  applicability: needsKernel,
  async run(problem, _options, control) {
    const draw = (param: Param, layer: Layer) => {
      const initializer = defaultOf(param, layer);
      return initializer
        ? drawBy(param, initializer, problem.seed)
        : `${layer.className} has no default for this parameter`;
    };
    return redrawParams(problem, draw, control);
  },
});
