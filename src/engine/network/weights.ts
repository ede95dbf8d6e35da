/** The two ways to pass parameters to a network (see Weight in layer-forward.ts). */
import { probe } from '../ops/probe.ts';
import type { Scalar, Tensor } from '../tf.ts';
import type { Weight } from './layer-forward.ts';

/** A weight whose value is theta. */
export function plainWeight(theta: Tensor): Weight {
  return { shape: theta.shape, value: () => theta, applyLinear: (op) => op(theta) };
}

/** A weight theta = s F with s = 1: the derivative with respect to F is s times the gradient of theta. */
export function probedWeight(factor: Tensor, s: Scalar): Weight {
  return {
    shape: factor.shape,
    value: () => factor.mul(s),
    applyLinear: (op) => probe(op(factor), s),
  };
}
