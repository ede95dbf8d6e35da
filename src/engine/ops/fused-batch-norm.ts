/**
 * Batch normalisation with batch statistics by TensorFlow's fused operations, differentiable twice.
 *
 * Per channel: n elements, mean mu, biased variance var, r = 1 / sqrt(var + eps), xhat = (x - mu) r, E[.] the mean over the n elements.
 *
 *   forward    y = gamma xhat + beta
 *   backward   dx = gamma r (dy - E[dy] - xhat E[dy xhat]),  dgamma = n E[dy xhat],  dbeta = n E[dy]
 *   second     cotangents G of dx, a of dgamma, b of dbeta; B(G) = gamma r (G - E[G] - xhat E[G xhat]) is the backward of G:
 *     of dy    B(G) + a xhat + b                                  (the backward is its own transpose)
 *     of gamma n T,  T = r (E[G dy] - E[G] E[dy] - E[G xhat] E[dy xhat])
 *     of x     r (D - E[D] - xhat (E[D xhat] + gamma T)),  D = c1 G + c2 dy,  c1 = -gamma r E[dy xhat],  c2 = a - gamma r E[G xhat]
 *
 * No xhat is stored: both full-size results are combinations of G, dy and x with coefficients per channel. A third derivative is refused, because the
 * kernel of the second one has no rule.
 *
 * Ioffe, Szegedy: Batch Normalization. ICML 2015, arXiv:1502.03167 (first order). The second order was derived for this project and is checked
 * against finite differences and the decomposed form in test/engine/ops.
 */
import { declareProven } from '../gradients/index.ts';
import { attributeTypes, dataTypes, tensorFlowBackend } from '../graph/binding.ts';
import { type Tensor, tf } from '../tf.ts';

interface Attributes {
  readonly epsilon: number;
}
type Inputs = Readonly<Record<string, Tensor>>;

const typeAttributes = ({ epsilon }: Attributes, training: boolean) => [
  { name: 'T', type: attributeTypes.type, value: dataTypes.float32 },
  { name: 'U', type: attributeTypes.type, value: dataTypes.float32 },
  { name: 'data_format', type: attributeTypes.string, value: 'NHWC' },
  { name: 'epsilon', type: attributeTypes.float, value: epsilon },
  { name: 'is_training', type: attributeTypes.bool, value: training },
];

/** y, mean, variance (with Bessel's correction) and three reserved values for the backward operation. */
function fusedForward({ x, gamma, beta }: Inputs, attributes: Attributes): Tensor[] {
  const empty = tf.tensor1d([]);
  const inputs = [x, gamma, beta, empty, empty] as Tensor[];
  return tensorFlowBackend().executeMultipleOutputs('FusedBatchNormV3', typeAttributes(attributes, true), inputs, 6);
}

/** dx, dgamma, dbeta for a cotangent; the reserved values come from a forward operation, which a recorded graph shares with the original one. */
function fusedBackward(dy: Tensor, inputs: Inputs, attributes: Attributes): [Tensor, Tensor, Tensor] {
  const [, , , ...reserved] = fusedForward(inputs, attributes) as [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor];
  const operands = [dy, inputs.x as Tensor, inputs.gamma as Tensor, ...reserved];
  const results = tensorFlowBackend().executeMultipleOutputs(
    'FusedBatchNormGradV3',
    typeAttributes(attributes, true),
    operands,
    5,
  );
  return results.slice(0, 3) as [Tensor, Tensor, Tensor];
}

/** scale xhat + offset with coefficients per channel in one pass, by the fused operation in inference mode. */
function affineOfXhat(
  x: Tensor,
  scale: Tensor,
  offset: Tensor,
  moments: readonly Tensor[],
  attributes: Attributes,
): Tensor {
  const inputs = [x, scale, offset, ...moments];
  return tensorFlowBackend().executeMultipleOutputs(
    'FusedBatchNormV3',
    typeAttributes(attributes, false),
    inputs,
    6,
  )[0] as Tensor;
}

/**
 * Cotangents of dy, x and gamma. The operations return sums, not means: P = n E[dy xhat], Q = n E[dy], U = n E[G xhat], V = n E[G], Z = n E[G dy].
 * Each operation on a vector of one number per channel has a fixed cost, so that the factors 1/n are combined.
 */
function fusedSecond(inputs: Inputs, attributes: Attributes): [Tensor, Tensor, Tensor] {
  const { g, a, b, dy, x, gamma } = inputs as { g: Tensor; a: Tensor; b: Tensor; dy: Tensor; x: Tensor; gamma: Tensor };
  const n = x.size / gamma.size;
  const [, mean, corrected] = fusedForward(inputs, attributes) as [Tensor, Tensor, Tensor];
  const variance = n > 1 ? tf.mul(corrected, (n - 1) / n) : corrected;
  const [, p, q] = fusedBackward(dy, inputs, attributes);
  const [backwardOfG, u, v] = fusedBackward(g, inputs, attributes); // B(G)
  const z = tf.sum(tf.mul(g, dy), [0, 1, 2]);
  const r = tf.rsqrt(tf.add(variance, attributes.epsilon));
  const gammaR = tf.mul(gamma, r);
  // n T = r (Z - (V Q + U P) / n), the cotangent of gamma
  const nT = tf.mul(r, tf.sub(z, tf.mul(tf.add(tf.mul(v, q), tf.mul(u, p)), 1 / n)));
  // r c1 and r c2, with c1 = -gamma r P / n and c2 = a - gamma r U / n
  const shared = tf.mul(gammaR, -1 / n);
  const rc1 = tf.mul(r, tf.mul(shared, p));
  const rc2 = tf.mul(r, tf.add(a, tf.mul(shared, u)));
  // The part of the cotangent of x along xhat, -r (E[D xhat] + gamma T), and its constant part, -r E[D].
  const alongXhat = tf.mul(tf.addN([tf.mul(rc1, u), tf.mul(rc2, p), tf.mul(gammaR, nT)]), -1 / n);
  const constant = tf.mul(tf.add(tf.mul(rc1, v), tf.mul(rc2, q)), -1 / n);
  const xPart = affineOfXhat(x, alongXhat, constant, [mean, variance], attributes);
  const dxCotangent = tf.addN([tf.mul(g, rc1), tf.mul(dy, rc2), xPart]);
  const dyCotangent = tf.add(backwardOfG, affineOfXhat(x, a, b, [mean, variance], attributes)); // B(G) + a xhat + b
  return [dyCotangent, dxCotangent, nT];
}

const kernels = {
  forward: 'BatchNormTraining',
  backward: 'BatchNormTrainingGrad',
  second: 'BatchNormTrainingGradGrad',
} as const;

function run(kernelName: string, inputs: Inputs, attributes: Attributes): Tensor | Tensor[] {
  return tf.engine().runKernel(kernelName, inputs as never, attributes as never) as unknown as Tensor | Tensor[];
}

const bodies: Readonly<Record<string, (inputs: Inputs, attributes: Attributes) => Tensor | Tensor[]>> = {
  [kernels.forward]: (inputs, attributes) => fusedForward(inputs, attributes)[0] as Tensor,
  [kernels.backward]: (inputs, attributes) => fusedBackward(inputs.dy as Tensor, inputs, attributes),
  [kernels.second]: (inputs, attributes) => fusedSecond(inputs, attributes),
};
for (const [kernelName, body] of Object.entries(bodies)) {
  tf.registerKernel({
    kernelName,
    backendName: 'tensorflow',
    kernelFunc: ({ inputs, attrs }) => tf.tidy(() => body(inputs as Inputs, attrs as unknown as Attributes)),
  });
}

tf.registerGradient({
  kernelName: kernels.forward,
  inputsToSave: ['x', 'gamma', 'beta'],
  gradFunc: (dy, [x, gamma, beta], attributes) => {
    const inputs = { dy: dy as Tensor, x, gamma, beta } as Inputs;
    // Computed outside of the gradient functions, because tfjs frees what one of them creates before it calls the next.
    const [dx, dgamma, dbeta] = run(kernels.backward, inputs, attributes as unknown as Attributes) as [
      Tensor,
      Tensor,
      Tensor,
    ];
    return { x: () => dx, gamma: () => dgamma, beta: () => dbeta };
  },
});

tf.registerGradient({
  kernelName: kernels.backward,
  inputsToSave: ['dy', 'x', 'gamma', 'beta'],
  gradFunc: (cotangents, [dy, x, gamma, beta], attributes) => {
    const [g, a, b] = cotangents as unknown as [Tensor, Tensor, Tensor];
    const inputs = { g, a, b, dy, x, gamma, beta } as Inputs;
    const [ofDy, ofX, ofGamma] = run(kernels.second, inputs, attributes as unknown as Attributes) as [
      Tensor,
      Tensor,
      Tensor,
    ];
    return { dy: () => ofDy, x: () => ofX, gamma: () => ofGamma, beta: () => tf.zerosLike(beta as Tensor) };
  },
});

// Tested in test/engine/ops/fused-batch-norm.test.ts.
declareProven(kernels.forward, 2);
declareProven(kernels.backward, 2);

/**
 * @param x [n, h, w, c]
 * @param gamma [c]
 * @param beta [c]
 * @returns gamma xhat + beta, [n, h, w, c]; TensorFlow backend only
 */
export function fusedBatchNorm(x: Tensor, gamma: Tensor, beta: Tensor, epsilon: number): Tensor {
  return run(kernels.forward, { x, gamma, beta }, { epsilon }) as Tensor;
}

/** Mean and corrected variance of `x` [n, h, w, c] by the same forward operation, so that a graph runs it once. Not differentiable. */
export function fusedBatchStatistics(
  x: Tensor,
  gamma: Tensor,
  beta: Tensor,
  epsilon: number,
): { mean: Tensor; variance: Tensor } {
  const [, mean, variance] = fusedForward({ x, gamma, beta }, { epsilon }) as [Tensor, Tensor, Tensor];
  return { mean, variance };
}
