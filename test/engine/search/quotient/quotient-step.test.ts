import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toBatchTensors } from '../../../../src/engine/feeding/batch-tensors.ts';
import { unpack } from '../../../../src/engine/feeding/packed-result.ts';
import { batchInputs, scalesInput } from '../../../../src/engine/feeding/step-inputs.ts';
import { partitionParams, weightTensors } from '../../../../src/engine/feeding/tuned-params.ts';
import { installGradients } from '../../../../src/engine/gradients/index.ts';
import { compile, type Execution } from '../../../../src/engine/graph/compile.ts';
import { createNetwork } from '../../../../src/engine/network/network.ts';
import type { Problem } from '../../../../src/engine/run.ts';
import { quotientStep } from '../../../../src/engine/search/quotient/quotient-step.ts';
import { scoped, tf } from '../../../../src/engine/tf.ts';
import { lossOfOne } from '../../../support/loss-of-one.ts';
import { problemOf } from '../../../support/problems.ts';

installGradients();

const layer = (class_name: string, config: object) => ({ class_name, config });
const sequential = (...layers: object[]) => ({ class_name: 'Sequential', config: { name: 'net', layers } });

/** Smooth networks: a kink of ReLU between the points of a difference would not be a fault of the derivative. */
const networks: Readonly<Record<string, Problem>> = {
  'tanh layers': problemOf(
    sequential(
      layer('Dense', { name: 'a', units: 6, activation: 'tanh', batch_input_shape: [null, 5] }),
      layer('Dense', { name: 'b', units: 3, bias_initializer: 'ones' }),
    ),
    [5],
    3,
  ),
  'convolutions and batch normalisation on moving statistics': problemOf(
    sequential(
      layer('Conv2D', { name: 'a', filters: 3, kernel_size: 3, batch_input_shape: [null, 6, 6, 1] }),
      layer('BatchNormalization', {
        name: 'norm',
        moving_variance_initializer: { class_name: 'Constant', config: { value: 2 } },
      }),
      layer('Activation', { name: 'tanh', activation: 'tanh' }),
      layer('GlobalAveragePooling2D', { name: 'pool' }),
      layer('Dense', { name: 'b', units: 3 }),
    ),
    [6, 6, 1],
    3,
  ),
  'a frozen first layer': problemOf(
    sequential(
      layer('Dense', { name: 'a', units: 6, activation: 'tanh', batch_input_shape: [null, 5], trainable: false }),
      layer('Dense', { name: 'b', units: 4, activation: 'tanh' }),
      layer('Dense', { name: 'c', units: 3 }),
    ),
    [5],
    3,
  ),
};

/** A quotient of moderate slope: float32 differences of the published one (1e-5) are all rounding. */
const epsilon = 0.1;

function quotientAt(problem: Problem, execution: Execution = 'graph') {
  const partition = partitionParams(problem.topology, problem.weights, () => ({ rate: 0, lower: 0, upper: Infinity }));
  const step = {
    network: createNetwork(problem.topology),
    partition,
    loss: lossOfOne('softmax-cross-entropy'),
    epsilon,
  };
  const compiled = compile('quotient', (inputs) => quotientStep(step, inputs), execution);
  const count = partition.tuned.length;
  const batch = problem.samples?.gather([0, 1, 2, 3, 4, 5, 6, 7]) as never;
  const at = (scales: readonly number[]) =>
    scoped(() => {
      const fed = { ...weightTensors(partition, problem.weights), ...batchInputs('s', toBatchTensors(batch)) };
      return unpack(compiled.run({ ...fed, [scalesInput]: tf.tensor1d([...scales]) }).result.dataSync(), count);
    });
  return { at, count, names: partition.tuned.map(({ name }) => name), dispose: compiled.dispose };
}

describe('the gradient quotient', () => {
  for (const [title, problem] of Object.entries(networks)) {
    it(`has the derivative by every scale that central differences give: ${title}`, () => {
      const { at, count, names, dispose } = quotientAt(problem);
      const ones = new Array<number>(count).fill(1);
      const value = (k: number, by: number) =>
        at(ones.map((one, index) => (index === k ? one + by : one))).numbers[1] as number;
      const { gradients } = at(ones);
      const largest = Math.max(...gradients.map((q) => Math.abs(q ?? 0)));
      names.forEach((name, k) => {
        // Of several steps the best: rounding spoils small ones, jumps of the sign inside the quotient large ones.
        const central = (h: number) => (value(k, h) - value(k, -h)) / (2 * h);
        const errors = [0.04, 0.02, 0.01].map((h) =>
          Math.abs((4 * central(h / 2) - central(h)) / 3 - (gradients[k] ?? 0)),
        );
        assert.ok(Math.min(...errors) < 5e-3 * largest, `${name}: ${gradients[k]}, off by ${errors}`);
      });
      dispose();
    });
  }

  it('is the same operation by operation and as a graph, and leaves nothing behind', () => {
    const before = tf.memory().numTensors;
    const results = (['graph', 'eager'] as const).map((execution) => {
      const { at, count, dispose } = quotientAt(networks['tanh layers'] as Problem, execution);
      const result = at(new Array<number>(count).fill(1.1));
      dispose();
      return [...result.numbers, ...result.gradients];
    });
    results[0]?.forEach((number, index) => {
      const other = results[1]?.[index] ?? Number.NaN;
      assert.ok(
        Math.abs((number ?? 0) - other) <= 1e-4 * Math.abs(other) + 1e-7,
        `number ${index}: ${number}, ${other}`,
      );
    });
    assert.equal(tf.memory().numTensors, before);
  });
});
