/** EinsumDense: activation(einsum(equation, x, kernel) + bias). */
import type { EinsumDenseConfig } from '../../../topology/layers/einsum-dense.ts';
import { contract } from '../../ops/contract.ts';
import { activate } from '../activations.ts';
import type { LayerForward } from '../layer-forward.ts';
import { addBias, only, weightOf } from './common.ts';

/** Letters that equations do not use, for the axes of '...'. */
const hiddenLetters = (count: number) =>
  Array.from({ length: count }, (_, index) => String.fromCharCode(0x3b1 + index)).join('');

export const einsumDense: LayerForward<EinsumDenseConfig> = (config, inputs, weights) => {
  const x = only(inputs);
  const hidden = hiddenLetters(x.rank - config.input.length);
  const around = (letters: string) => (config.ellipsis === 'right' ? letters + hidden : hidden + letters);
  const axes = { x: around(config.input), weight: config.kernel, output: around(config.output) };
  const y = weightOf(weights, 'kernel').applyLinear((kernel) => contract(x, kernel, axes));
  return activate(config.activation, addBias(y, weights.bias));
};
