/**
 * The default initial values of torch.nn modules (their reset_parameters), biases included.
 *
 *   Linear, ConvNd, ConvTransposeNd   W, b ~ U(-1 / sqrt(fanIn), 1 / sqrt(fanIn));  fanIn of a group, for transposed convolutions out x taps
 *   RNN, GRU, LSTM                    all  ~ U(-1 / sqrt(units), 1 / sqrt(units))
 *   MultiheadAttention                q, k, v Xavier uniform, one matrix [3 e, e] where all three read e features: U(-b, b), b = sqrt(6 / (4 e));
 *                                     output projection as Linear; biases 0
 *   Embedding N(0, 1);  normalisations gain 1, offset 0;  PReLU 0.25
 *
 * Recurrent modules of torch have two biases that are added. Where a layer here has one, it is the sum of two draws. Attention layers of
 * Keras that torch lacks (GroupQueryAttention, EinsumDense) are projections by Linear. Layers without a counterpart in torch that have
 * convolutions inside a recurrence are refused; single parameters without one (LayerScale, scales of Attention) are kept and listed.
 *
 * PyTorch: torch.nn.modules (linear.py, conv.py, rnn.py, activation.py, sparse.py), reset_parameters, as of version 2.
 */
import { Type } from 'typebox';
import { type NDArray, ndarray } from '../../ndarray.ts';
import { kernelMatrices } from '../../topology/structure/kernel-matrix.ts';
import { isKernel, unwrapped } from '../../topology/structure/output-kernel.ts';
import type { Layer, Param, Topology } from '../../topology/topology.ts';
import { type Applicability, defineMethod } from './method.ts';
import { drawBy, filled, needsKernel, redrawParams } from './redraw.ts';
import { neutral } from './small-normal.ts';

const options = Type.Object({}, { additionalProperties: false });

const convolutionalRecurrence = /^ConvLSTM\dD$/;

/** The parameter of `layer` with the same prefix as `param` and a key that ends in `ending`. */
function sibling(layer: Layer, { key }: Param, ending: string): Param | undefined {
  const prefix = key.slice(0, key.lastIndexOf('/') + 1);
  return layer.params.find((other) => other.key === `${prefix}${ending}`);
}

const isProjection = ({ key }: Param) => /(^|\/)(query|key|value)\/(kernel|bias)$/.test(key);
const isMultiHead = (layer: Layer) => unwrapped(layer).className === 'MultiHeadAttention';

/** Xavier's bound for one of the three projections to heads. */
function attentionBound(layer: Layer, param: Param): number {
  const { rows, columns } = kernelMatrices(layer, param);
  const projections = layer.params.filter((other) => isProjection(other) && other.key.endsWith('kernel'));
  const isJoint = projections.every((other) => {
    const matrix = kernelMatrices(layer, other);
    return matrix.rows === rows && matrix.columns === rows;
  });
  return Math.sqrt(6 / (rows + (isJoint ? 3 : 1) * columns));
}

/** The kernel that determines the bound of a bias: the one to whose output the bias is added. */
function kernelOf(layer: Layer, param: Param): Param | undefined {
  return (
    sibling(layer, param, 'kernel') ??
    sibling(layer, param, 'pointwise_kernel') ??
    sibling(layer, param, 'depthwise_kernel')
  );
}

const uniform = (param: Param, bound: number, seed: number) =>
  drawBy(param, { kind: 'uniform', min: -bound, max: bound }, seed);

/** A sum of two draws, b_ih + b_hh. */
function sumOfBiases(param: Param, bound: number, seed: number): NDArray<'float32'> {
  const input = uniform(param, bound, seed);
  const recurrent = uniform({ ...param, name: `${param.name} recurrent` }, bound, seed).data;
  return ndarray(
    'float32',
    param.shape,
    input.data.map((value, index) => value + (recurrent[index] as number)),
  );
}

/** A parameter as torch draws it, or the reason why torch has no counterpart. */
export function drawTorchDefault(param: Param, layer: Layer, seed: number): NDArray<'float32'> | string {
  const { key, shape } = param;
  const { className } = unwrapped(layer);
  // For a recurrent module of PyTorch the bound depends on the hidden size, which its initialisers contain.
  if (className === 'Recurrent') return drawBy(param, param.initializer, seed);
  const recurrent = sibling(layer, param, 'recurrent_kernel');
  if (recurrent) {
    const bound = 1 / Math.sqrt(recurrent.shape[0] as number);
    return key.endsWith('bias') && shape.length === 1 ? sumOfBiases(param, bound, seed) : uniform(param, bound, seed);
  }
  if (isMultiHead(layer) && key.endsWith('bias')) return filled(shape, 0);
  if (isMultiHead(layer) && isProjection(param)) return uniform(param, attentionBound(layer, param), seed);
  if (isKernel(param)) return uniform(param, 1 / Math.sqrt(fanIn(layer, param)), seed);
  if (key.endsWith('bias')) {
    const kernel = kernelOf(layer, param);
    return kernel ? uniform(param, 1 / Math.sqrt(fanIn(layer, kernel)), seed) : 'torch has no such bias';
  }
  if (className === 'Embedding') return drawBy(param, { kind: 'normal', mean: 0, stddev: 1, truncated: false }, seed);
  if (className === 'PReLU') return filled(shape, 0.25);
  return neutral(param, layer) ?? `torch has no counterpart of this parameter of ${className}`;
}

function fanIn(layer: Layer, kernel: Param): number {
  const { initializer } = kernel;
  // The fan-in over the axes that an equation sums, where the layer names them.
  if (initializer.kind === 'variance-scaling' && initializer.inputAxes)
    return initializer.inputAxes.reduce((product, axis) => product * (kernel.shape.at(axis) ?? 1), 1);
  return kernelMatrices(layer, kernel).rows;
}

function applicability(topology: Topology): Applicability {
  const layer = topology.layers.find((each) => {
    const { className, config } = unwrapped(each);
    const inner = (config as { forward?: { cell: string } } | null)?.forward?.cell ?? className;
    return convolutionalRecurrence.test(inner);
  });
  if (layer)
    return { applicable: false, reason: `torch has no counterpart of layer "${layer.name}" (${layer.className})` };
  return needsKernel(topology);
}

export const torchDefault = defineMethod({
  name: 'torch-default',
  summary:
    'What torch.nn modules start from: uniform kernels and biases by fan-in, attention by Xavier, embeddings N(0, 1).',
  reference:
    'Paszke et al., PyTorch: An Imperative Style, High-Performance Deep Learning Library, NeurIPS 2019, reset_parameters',
  options,
  needsSamples: () => false,
  iterative: false,
  secondOrder: false,
  applicability,
  async run(problem, _options, control) {
    return redrawParams(problem, (param, layer) => drawTorchDefault(param, layer, problem.seed), control);
  },
});
