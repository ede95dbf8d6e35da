/** The registry of gradient rules for every kernel that supported networks, losses and their gradients use. docs/gradients.md lists their proofs. */
import { type GradConfig, tf } from '../tf.ts';
import { add, addN, neg, sub } from './add.ts';
import { conv2d, conv3d, depthwiseConv2d } from './convolution.ts';
import { elu, selu } from './elu.ts';
import { atan, cos, erf, exp, expm1, log, log1p, sigmoid, sin, softplus, tanh } from './exponential.ts';
import { fusedBatchNorm } from './fused-batch-norm.ts';
import { gatherNd, gatherV2, scatterNd, unsortedSegmentSum } from './gather.ts';
import { installKernels } from './kernels/index.ts';
import { cast, concat, expandDims, identity, pack, reshape, reverse, splitV, transpose, unpack } from './layout.ts';
import { batchMatMul } from './matmul.ts';
import { abs, clipByValue, maximum, minimum, select } from './maximum.ts';
import { multiply, realDiv, reciprocal, squaredDifference } from './multiply.ts';
import { padV2, slice, stridedSlice, stridedSliceGrad, tile } from './padding.ts';
import { avgPool, avgPoolGrad, maxPool, maxPoolGrad, maxPoolGradGrad } from './pooling.ts';
import { pow, rsqrt, sqrt, square } from './power.ts';
import { max, mean, min, sum } from './reduction.ts';
import { leakyRelu, leakyReluGradRule, prelu, relu, relu6, relu6GradRule, reluGradRule } from './relu.ts';
import { resizeBilinear, resizeNearestNeighbor } from './resize.ts';
import { softmax } from './softmax.ts';
import { batchToSpaceNd, cumsum, spaceToBatchNd } from './space-to-batch.ts';
import { topK } from './top-k.ts';
import { zeroRules } from './zero.ts';

/** One rule per kernel. Each is tested to third order, which MetaInit needs, by a row of test/engine/gradients/proofs.ts. */
export const gradientRules: readonly GradConfig[] = [
  ...[add, sub, addN, neg, multiply, realDiv, reciprocal, squaredDifference, batchMatMul],
  ...[square, sqrt, rsqrt, pow, exp, expm1, log, log1p, sin, cos, atan, erf, tanh, sigmoid, softplus, softmax],
  ...[relu, relu6, leakyRelu, prelu, elu, selu, reluGradRule, relu6GradRule, leakyReluGradRule],
  ...[abs, maximum, minimum, clipByValue, select, sum, mean, max, min, cumsum, fusedBatchNorm],
  ...Object.values(conv2d),
  ...Object.values(depthwiseConv2d),
  ...Object.values(conv3d),
  ...[maxPool, maxPoolGrad, maxPoolGradGrad, avgPool, avgPoolGrad, ...resizeBilinear, ...resizeNearestNeighbor],
  ...[
    identity,
    cast,
    reshape,
    expandDims,
    transpose,
    reverse,
    concat,
    splitV,
    pack,
    unpack,
    spaceToBatchNd,
    batchToSpaceNd,
  ],
  ...[slice, padV2, tile, stridedSlice, stridedSliceGrad, gatherV2, unsortedSegmentSum, gatherNd, scatterNd, topK],
  ...zeroRules,
];

/** The order to which each kernel's rule is tested. Kernels of src/engine/ops with their own rules are added by `declareProven`. */
const provenOrders = new Map(gradientRules.map(({ kernelName }) => [kernelName, 3]));

/** The order of differentiation to which the kernel's rule is tested; 0 without a rule. */
export const provenOrderOf = (kernelName: string): number => provenOrders.get(kernelName) ?? 0;

/** Declares that a kernel outside of this folder has a rule with its own test to `order`. */
export function declareProven(kernelName: string, order: number): void {
  provenOrders.set(kernelName, order);
}

let installed = false;

/**
 * Replaces the gradient rules of tfjs by those of this folder and removes all others, so that a kernel without a tested rule throws, instead of
 * giving wrong second derivatives without an error. May be called more than once.
 */
export function installGradients(): void {
  if (installed) return;
  installed = true;
  installKernels();
  // tfjs exports the names of all its kernels as string constants.
  for (const name of Object.values(tf)) {
    if (typeof name === 'string' && tf.getGradient(name)) tf.unregisterGradient(name);
  }
  for (const rule of gradientRules) tf.registerGradient(rule);
}
