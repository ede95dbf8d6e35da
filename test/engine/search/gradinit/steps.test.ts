import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toBatchTensors } from '../../../../src/engine/feeding/batch-tensors.ts';
import { pack, unpack } from '../../../../src/engine/feeding/packed-result.ts';
import { batchInputs, scalesInput } from '../../../../src/engine/feeding/step-inputs.ts';
import { partitionParams, weightInput, weightTensors } from '../../../../src/engine/feeding/tuned-params.ts';
import { installGradients } from '../../../../src/engine/gradients/index.ts';
import { compile } from '../../../../src/engine/graph/compile.ts';
import type { Tensors } from '../../../../src/engine/graph/record.ts';
import { directionOf, type NormKind, normOfGradients } from '../../../../src/engine/network/dual-norm.ts';
import { differentiate, lossOf } from '../../../../src/engine/network/loss-gradient.ts';
import { createNetwork } from '../../../../src/engine/network/network.ts';
import { plainWeight } from '../../../../src/engine/network/weights.ts';
import { constraintStep, normStep, objectiveStep } from '../../../../src/engine/search/gradinit/steps.ts';
import { scoped, type Tensor, tf } from '../../../../src/engine/tf.ts';
import { lossOfOne } from '../../../support/loss-of-one.ts';
import { problemOf } from '../../../support/problems.ts';

installGradients();

const layer = (class_name: string, config: object) => ({ class_name, config });
/** Smooth, with biases that are tuned and biases that are not. */
const problem = problemOf(
  {
    class_name: 'Sequential',
    config: {
      name: 'smooth',
      layers: [
        layer('Conv2D', {
          name: 'c',
          filters: 4,
          kernel_size: 3,
          activation: 'tanh',
          batch_input_shape: [null, 6, 6, 1],
        }),
        layer('Flatten', { name: 'f' }),
        layer('Dense', {
          name: 'd1',
          units: 8,
          activation: 'tanh',
          bias_initializer: layer('RandomNormal', { stddev: 0.5 }),
        }),
        layer('Dense', { name: 'd2', units: 5 }),
      ],
    },
  },
  [6, 6, 1],
  5,
);
const network = createNetwork(problem.topology);
const loss = lossOfOne('softmax-cross-entropy', {});
const partition = partitionParams(problem.topology, problem.weights, () => ({ rate: 0, lower: 0, upper: Infinity }));
const alphas = partition.tuned.map((_, k) => 0.7 + 0.2 * k);
const samples = problem.samples as NonNullable<typeof problem.samples>;
const batchAt = (from: number) =>
  toBatchTensors(samples.gather(Array.from({ length: 16 }, (_, index) => from + index)));
const inputs: Record<string, Tensor> = {
  ...weightTensors(partition, problem.weights),
  [scalesInput]: tf.tensor1d(alphas),
  ...batchInputs('s', batchAt(0)),
  ...batchInputs('t', batchAt(16)),
};
const [s, t] = [batchAt(0), batchAt(16)];

const thetaAt = (scales: readonly number[]): Tensor[] => {
  const theta = partition.trainable.map((_, index) => inputs[weightInput(index)] as Tensor);
  partition.tuned.forEach(({ index }, k) => {
    theta[index] = tf.mul(theta[index] as Tensor, scales[k] as number);
  });
  return theta;
};
const lossAt = (theta: readonly Tensor[], batch: typeof s) =>
  lossOf(
    network,
    new Map(partition.trainable.map(({ name }, index) => [name, plainWeight(theta[index] as Tensor)])),
    batch,
    loss,
  );
const gradientsAt = (theta: readonly Tensor[], batch: typeof s) => differentiate(() => lossAt(theta, batch), theta);
const read = (tensor: Tensor) => tensor.dataSync()[0] as number;

function run(step: (given: Tensors) => Record<'result', Tensor>, execution: 'graph' | 'eager') {
  const compiled = compile('step', step, execution);
  const values = scoped(() => Array.from(compiled.run(inputs).result.dataSync()));
  compiled.dispose();
  return values;
}

const near = (actual: number | null | undefined, expected: number, tolerance = 2e-3) =>
  assert.ok(
    Math.abs((actual ?? Number.NaN) - expected) <= tolerance * Math.max(Math.abs(expected), 1e-3),
    `${actual}, expected ${expected}`,
  );

/** Derivative of a function of the scales with respect to each, by central differences. */
const differences = (f: (scales: readonly number[]) => number) =>
  alphas.map((_, k) => {
    const at = (by: number) => scoped(() => f(alphas.map((alpha, index) => (index === k ? alpha + by : alpha))));
    const central = (h: number) => (at(h) - at(-h)) / (2 * h);
    return (4 * central(0.01) - central(0.02)) / 3;
  });

for (const norm of ['l2', 'l1'] as const satisfies readonly NormKind[]) {
  for (const execution of ['graph', 'eager'] as const) {
    test(`the constraint step gives loss, norm and alpha dn/dalpha (${norm}, ${execution})`, () => {
      const { numbers, gradients } = unpack(
        run((given) => constraintStep({ network, partition, loss, norm }, given), execution),
        alphas.length,
      );
      const n = (scales: readonly number[]) => read(normOfGradients(gradientsAt(thetaAt(scales), s).gradients, norm));
      near(
        numbers[0],
        scoped(() => read(lossAt(thetaAt(alphas), s))),
        1e-5,
      );
      near(
        numbers[1],
        scoped(() => n(alphas)),
        1e-5,
      );
      // The L1 norm has kinks where an element of the gradient changes its sign.
      for (const [k, derivative] of differences(n).entries())
        near(gradients[k], (alphas[k] as number) * derivative, norm === 'l1' ? 0.05 : 2e-3);
    });
  }

  for (const normalize of [true, false]) {
    test(`the objective step gives dJ/dalpha behind a step that is held fixed (${norm}${normalize ? ', normalised' : ''})`, () => {
      const eta = norm === 'l1' ? 0.01 : 0.3;
      const { numbers, gradients } = unpack(
        run((given) => objectiveStep({ network, partition, loss, norm }, { eta, normalize }, given), 'graph'),
        alphas.length,
      );
      const first = gradientsAt(thetaAt(alphas), s);
      const n = read(normOfGradients(first.gradients, norm));
      const direction = first.gradients.map((gradient) => {
        const g = gradient as Tensor;
        if (norm === 'l1') return tf.sign(g);
        return normalize ? tf.div(g, n) : g;
      });
      const after = (scales: readonly number[]) =>
        read(
          lossAt(
            thetaAt(scales).map((theta, index) => tf.sub(theta, tf.mul(direction[index] as Tensor, eta))),
            t,
          ),
        );
      near(numbers[1], n, 1e-5);
      near(
        numbers[2],
        scoped(() => after(alphas)),
        1e-5,
      );
      for (const [k, derivative] of differences((scales) => after(scales) / eta).entries())
        near(gradients[k], derivative);
    });
  }

  test(`the norm step gives the numbers of the constraint step (${norm})`, () => {
    const step = { network, partition, loss, norm };
    const { numbers } = unpack(
      run((given) => constraintStep(step, given), 'graph'),
      alphas.length,
    );
    for (const [index, value] of run((given) => normStep(step, given), 'graph').entries())
      near(value, numbers[index] as number, 1e-6);
  });
}

test('the constraint step of muon gives the norm <g, d> and its derivative with d held', () => {
  const step = { network, partition, loss, norm: 'nuclear' } as const;
  const { numbers, gradients } = unpack(
    run((given) => constraintStep(step, given), 'graph'),
    alphas.length,
  );
  const held = gradientsAt(thetaAt(alphas), s).gradients.map((g) => directionOf(g as Tensor, 'nuclear'));
  const n = (scales: readonly number[]) =>
    read(
      tf.addN(
        gradientsAt(thetaAt(scales), s).gradients.map((g, index) => tf.sum(tf.mul(g as Tensor, held[index] as Tensor))),
      ),
    );
  near(
    numbers[1],
    scoped(() => n(alphas)),
    1e-5,
  );
  for (const [k, derivative] of differences(n).entries()) near(gradients[k], (alphas[k] as number) * derivative);
});

test('the objective step of muon moves along its direction', () => {
  const step = { network, partition, loss, norm: 'nuclear' } as const;
  const eta = 0.01;
  const { numbers } = unpack(
    run((given) => objectiveStep(step, { eta, normalize: false }, given), 'graph'),
    alphas.length,
  );
  const first = gradientsAt(thetaAt(alphas), s).gradients;
  const stepped = scoped(() =>
    read(
      lossAt(
        thetaAt(alphas).map((theta, index) =>
          tf.sub(theta, tf.mul(directionOf(first[index] as Tensor, 'nuclear'), eta)),
        ),
        t,
      ),
    ),
  );
  near(numbers[2], stepped, 1e-5);
});

test('what is packed comes back, null for a scale without influence', () => {
  const packed = scoped(() =>
    Array.from(pack([tf.scalar(1), tf.scalar(2)], [tf.scalar(3), null, tf.scalar(0)]).dataSync()),
  );
  assert.deepEqual(unpack(packed, 3), { numbers: [1, 2], gradients: [3, null, 0] });
  assert.deepEqual(unpack([7, 8, 9], 0), { numbers: [7, 8, 9], gradients: [] });
});
