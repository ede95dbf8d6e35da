/** The registry of gradient rules: every kernel that supported networks, losses and their gradients emit. docs/gradients.md lists the proofs. */
import { type GradConfig, tf } from '../tf.ts';
import { add, addN, neg, sub } from './add.ts';
import { conv2d, conv3d, depthwiseConv2d } from './convolution.ts';
import { cos, erf, exp, expm1, log, log1p, sigmoid, sin, softplus, tanh } from './exponential.ts';
import { maxPoolGradGradKernel } from './kernels/max-pool-grad-grad.ts';
import { installKernel } from './kernels/own-kernel.ts';
import { leakyReluGradKernel, relu6GradKernel, reluGradKernel } from './kernels/relu-grad.ts';
import { cast, concat, expandDims, identity, pack, reshape, reverse, splitV, transpose, unpack } from './layout.ts';
import { batchMatMul } from './matmul.ts';
import { multiply, realDiv, reciprocal, squaredDifference } from './multiply.ts';
import { padV2, slice, tile } from './padding.ts';
import { avgPool, avgPoolGrad, maxPool, maxPoolGrad, maxPoolGradGrad } from './pooling.ts';
import { pow, rsqrt, sqrt, square } from './power.ts';
import { max, mean, min, sum } from './reduction.ts';
import { leakyRelu, leakyReluGradRule, prelu, relu, relu6, relu6GradRule, reluGradRule } from './relu.ts';
import { softmax } from './softmax.ts';

export const gradientRules: readonly GradConfig[] = [
  ...[add, sub, addN, neg, multiply, realDiv, reciprocal, squaredDifference],
  ...[square, sqrt, rsqrt, pow, exp, expm1, log, log1p, tanh, sigmoid, softplus, erf, sin, cos, softmax],
  ...[relu, relu6, leakyRelu, prelu, reluGradRule, relu6GradRule, leakyReluGradRule],
  ...[sum, mean, max, min, batchMatMul],
  ...Object.values(conv2d),
  ...Object.values(depthwiseConv2d),
  ...Object.values(conv3d),
  ...[maxPool, maxPoolGrad, maxPoolGradGrad, avgPool, avgPoolGrad],
  ...[identity, cast, reshape, expandDims, transpose, reverse, concat, splitV, pack, unpack, slice, padV2, tile],
];

let installed = false;

/** Replaces tfjs' gradient rules by those of this folder. Safe to call more than once. */
export function installGradients(): void {
  if (installed) return;
  installed = true;
  for (const kernel of [reluGradKernel, relu6GradKernel, leakyReluGradKernel]) installKernel(kernel);
  installKernel(maxPoolGradGradKernel);
  for (const rule of gradientRules) {
    if (tf.getGradient(rule.kernelName)) tf.unregisterGradient(rule.kernelName);
    tf.registerGradient(rule);
  }
}
