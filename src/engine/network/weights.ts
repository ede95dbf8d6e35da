/** The two ways in which a network is given its parameters (see layer-forward.ts, Weight). */
import { probe } from '../ops/probe.ts';
import type { Scalar, Tensor } from '../tf.ts';
import type { Weight } from './layer-forward.ts';

/** theta itself. */
export function plainWeight(theta: Tensor): Weight {
  return { shape: theta.shape, value: () => theta, applyLinear: (op) => op(theta) };
}

/** theta = s F with s = 1: differentiating with respect to F gives s times the gradient of theta. */
export function probedWeight(factor: Tensor, s: Scalar): Weight {
  return {
    shape: factor.shape,
    value: () => factor.mul(s),
    applyLinear: (op) => probe(op(factor), s),
  };
}
