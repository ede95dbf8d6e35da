/** The common part of timm, BERT and GPT-2: normal kernels and embeddings, zero biases, normalisations with gain 1 and offset 0. */
import type { NDArray } from '../../ndarray.ts';
import { isNormalizationClass } from '../../topology/structure/normalization-class.ts';
import { isKernel, unwrapped } from '../../topology/structure/output-kernel.ts';
import type { Layer, Param } from '../../topology/topology.ts';
import { drawBy, filled } from './redraw.ts';

/** Gain 1 and offset 0 of a normalisation layer; undefined for other parameters. */
export function neutral({ key, shape }: Param, layer: Layer): NDArray<'float32'> | undefined {
  return isNormalizationClass(unwrapped(layer).className) ? filled(shape, key === 'beta' ? 0 : 1) : undefined;
}

/** A parameter drawn by this rule, or the reason why the rule does not apply to it. */
export function drawSmallNormal(param: Param, layer: Layer, stddev: number, seed: number): NDArray<'float32'> | string {
  const { className } = unwrapped(layer);
  if (isKernel(param) || className === 'Embedding')
    return drawBy(param, { kind: 'normal', mean: 0, stddev, truncated: false }, seed);
  if (param.key.endsWith('bias')) return filled(param.shape, 0);
  return neutral(param, layer) ?? `the rule says nothing about this parameter of ${className}`;
}
