import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toBatchTensors } from '../../../../src/engine/feeding/batch-tensors.ts';
import { unpack } from '../../../../src/engine/feeding/packed-result.ts';
import { batchInputs, scalesInput } from '../../../../src/engine/feeding/step-inputs.ts';
import { partitionParams, weightTensors } from '../../../../src/engine/feeding/tuned-params.ts';
import { installGradients } from '../../../../src/engine/gradients/index.ts';
import { compile } from '../../../../src/engine/graph/compile.ts';
import { createNetwork } from '../../../../src/engine/network/network.ts';
import { type CosineBranch, chunkBounds, cosineStep } from '../../../../src/engine/search/cosine/cosine-step.ts';
import { scoped, tf } from '../../../../src/engine/tf.ts';
import { lossOfOne } from '../../../support/loss-of-one.ts';
import { problemOf } from '../../../support/problems.ts';

installGradients();

const layer = (class_name: string, config: object) => ({ class_name, config });
const problem = problemOf(
  {
    class_name: 'Sequential',
    config: {
      name: 'net',
      layers: [
        layer('Conv2D', { name: 'a', filters: 4, kernel_size: 3, batch_input_shape: [null, 6, 6, 1] }),
        layer('BatchNormalization', { name: 'norm' }),
        layer('Activation', { name: 'tanh', activation: 'tanh' }),
        layer('GlobalAveragePooling2D', { name: 'pool' }),
        layer('Dense', { name: 'b', units: 3, bias_initializer: 'ones' }),
      ],
    },
  },
  [6, 6, 1],
  3,
);
const normWeight = 0.3;

function stepOf(branch: CosineBranch) {
  const partition = partitionParams(problem.topology, problem.weights, () => ({ rate: 0, lower: 0, upper: Infinity }));
  const compared = partition.trainable.flatMap(({ layer: owner }, index) => (owner === 'norm' ? [] : [index]));
  const network = createNetwork(problem.topology);
  const step = {
    network,
    partition,
    loss: lossOfOne('softmax-cross-entropy'),
    chunks: 3,
    overlap: 0.2,
    normWeight,
    compared,
  };
  const compiled = compile('cosine', (inputs) => cosineStep(step, branch, inputs));
  const batch = problem.samples?.gather(Array.from({ length: 20 }, (_, index) => index)) as never;
  const at = (scales: readonly number[]) =>
    scoped(() => {
      const fed = { ...weightTensors(partition, problem.weights), ...batchInputs('s', toBatchTensors(batch)) };
      const { result } = compiled.run({ ...fed, [scalesInput]: tf.tensor1d([...scales]) });
      return unpack(result.dataSync(), partition.tuned.length);
    });
  return { at, names: partition.tuned.map(({ name }) => name), dispose: compiled.dispose };
}

const values: Readonly<Record<CosineBranch, (numbers: readonly number[]) => number>> = {
  constraint: ([, norm = 0]) => norm,
  objective: ([, norm = 0, cosine = 0]) => -cosine - normWeight * 3 * norm,
};

describe('grad-cosine', () => {
  it('cuts a batch into chunks that overlap, from the first sample to the last', () => {
    const rows: [number, number, number, [number, number][]][] = [
      [
        64,
        4,
        0.2,
        [
          [0, 19],
          [12, 38],
          [25, 57],
          [38, 64],
        ],
      ],
      [
        10,
        2,
        0,
        [
          [0, 5],
          [5, 10],
        ],
      ],
      [
        11,
        3,
        0,
        [
          [0, 3],
          [3, 6],
          [6, 11],
        ],
      ],
      [
        4,
        4,
        0.9,
        [
          [0, 1],
          [0, 3],
          [0, 4],
          [0, 4],
        ],
      ],
    ];
    for (const [size, chunks, overlap, expected] of rows)
      assert.deepEqual(chunkBounds(size, chunks, overlap), expected);
  });

  for (const branch of ['constraint', 'objective'] as const) {
    it(`has the derivative by every scale that central differences give: ${branch}`, () => {
      const { at, names, dispose } = stepOf(branch);
      const ones = names.map(() => 1);
      const value = (k: number, by: number) =>
        values[branch](at(ones.map((one, index) => (index === k ? one + by : one))).numbers);
      const { gradients } = at(ones);
      const largest = Math.max(...gradients.map((q) => Math.abs(q ?? 0)));
      names.forEach((name, k) => {
        const central = (h: number) => (value(k, h) - value(k, -h)) / (2 * h);
        const difference = (4 * central(0.02) - central(0.04)) / 3;
        assert.ok(
          Math.abs(difference - (gradients[k] ?? 0)) < 3e-3 * largest,
          `${name}: ${gradients[k]}, ${difference}`,
        );
      });
      dispose();
    });
  }
});
