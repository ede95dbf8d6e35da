import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { installGradients } from '../../../src/engine/gradients/index.ts';
import { infer } from '../../../src/engine/network/infer.ts';
import type { Problem } from '../../../src/engine/run.ts';
import { tf } from '../../../src/engine/tf.ts';
import { createEvaluator } from '../../../src/engine/training/evaluate.ts';
import { normalizationUndecayed, uniformGroups } from '../../../src/engine/training/param-groups.ts';
import { createTrainer, type TrainerOptions } from '../../../src/engine/training/trainer.ts';
import { problemOf, problems, scaled } from '../../support/problems.ts';

installGradients();

const { signal } = new AbortController();

function trainerOf(problem: Problem, options: Partial<TrainerOptions> = {}) {
  const { topology, weights, samples, loss } = problem;
  assert.ok(samples && loss);
  return createTrainer({
    topology,
    weights,
    samples,
    loss,
    optimizer: { name: 'sgd' },
    learningRate: 0.1,
    schedule: { kind: 'constant' },
    batchSize: 16,
    clip: null,
    groups: uniformGroups(0),
    seed: 3,
    execution: 'graph',
    ...options,
  });
}

const steps = (trainer: ReturnType<typeof trainerOf>, count: number) =>
  Array.from({ length: count }, () => trainer.step());
const bytesOf = (trainer: ReturnType<typeof trainerOf>) =>
  [...trainer.weights()].map(
    ([name, { data }]) => `${name} ${Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex')}`,
  );
const normOfChange = (
  a: ReadonlyMap<string, { data: Float32Array }>,
  b: ReadonlyMap<string, { data: Float32Array }>,
) => {
  let sum = 0;
  for (const [name, { data }] of a) {
    for (const [index, value] of data.entries()) sum += (value - (b.get(name)?.data[index] ?? 0)) ** 2;
  }
  return Math.sqrt(sum);
};

describe('a trainer', () => {
  it('lowers the loss, the same in a graph and operation by operation, and leaves nothing behind', () => {
    const before = tf.memory().numTensors;
    const histories = (['graph', 'eager'] as const).map((execution) => {
      const options = { execution, optimizer: { name: 'adam' }, learningRate: 0.02, batchSize: 64 } as const;
      const trainer = trainerOf(problems.batchNorm(), options);
      const losses = steps(trainer, 30).map(({ loss }) => loss);
      trainer.dispose();
      return losses;
    });
    const [graph, eager] = histories as [number[], number[]];
    assert.ok((graph.at(-1) ?? 9) < 0.8 * (graph[0] ?? 0), `${graph}`);
    for (const [index, loss] of graph.slice(0, 4).entries()) {
      assert.ok(Math.abs(loss - (eager[index] ?? 0)) < 1e-4, `${loss}, ${eager[index]}`);
    }
    assert.equal(tf.memory().numTensors, before);
  });

  it('continues from a saved state with the same bytes', () => {
    for (const optimizer of [{ name: 'sgd' }, { name: 'adam' }] as const) {
      const whole = trainerOf(problems.batchNorm(), { optimizer });
      steps(whole, 5);
      const saved = structuredClone(whole.state());
      steps(whole, 4);
      const resumed = trainerOf(problems.batchNorm(), { optimizer });
      resumed.restore(saved);
      steps(resumed, 4);
      assert.equal(resumed.iteration(), 9);
      assert.deepEqual(bytesOf(resumed), bytesOf(whole));
      whole.dispose();
      resumed.dispose();
    }
  });

  it('restarts from other weights as a new trainer does', () => {
    const { weights } = problems.batchNorm();
    const doubled = scaled(weights, 2);
    const fresh = trainerOf({ ...problems.batchNorm(), weights: doubled }, { optimizer: { name: 'adam' } });
    const used = trainerOf(problems.batchNorm(), { optimizer: { name: 'adam' } });
    steps(used, 3);
    used.restart(doubled);
    assert.equal(used.iteration(), 0);
    steps(fresh, 6);
    steps(used, 6);
    assert.deepEqual(bytesOf(used), bytesOf(fresh));
    fresh.dispose();
    used.dispose();
  });

  it('refuses a state of another network', () => {
    const [one, other] = [trainerOf(problems.mlp()), trainerOf(problems.convolution())];
    assert.throws(() => other.restore(one.state()), { code: 'CHECKPOINT_MISMATCH' });
    one.dispose();
    other.dispose();
  });

  it('clips the global norm: a step without momentum moves the weights by rate times the bound', () => {
    const problem = problems.convolution();
    const trainer = trainerOf(problem, {
      clip: 1e-3,
      optimizer: { name: 'sgd', options: { momentum: 0 } },
      learningRate: 10,
    });
    const { gradientNorm } = trainer.step();
    assert.ok(gradientNorm > 0.01);
    const moved = normOfChange(trainer.weights(), problem.weights);
    assert.ok(Math.abs(moved - 10 * 1e-3) < 2e-5, `${moved}`);
    trainer.dispose();
  });

  it('decays what its groups say', () => {
    const problem = problems.batchNorm();
    const plain = trainerOf(problem, { optimizer: { name: 'sgd', options: { momentum: 0 } } });
    const decayed = trainerOf(problem, {
      optimizer: { name: 'sgd', options: { momentum: 0 } },
      groups: normalizationUndecayed(0.5),
    });
    for (const trainer of [plain, decayed]) trainer.step();
    const [without, withDecay] = [plain.weights(), decayed.weights()];
    for (const [name, { data }] of without) {
      const start = problem.weights.get(name)?.data ?? [];
      const factor = /kernel|bias/.test(name) ? 0.1 * 0.5 : 0; // rate times decay
      data.forEach((value, index) => {
        const expected = value - factor * (start[index] ?? 0);
        assert.ok(Math.abs((withDecay.get(name)?.data[index] ?? 9) - expected) < 1e-6, name);
      });
    }
    plain.dispose();
    decayed.dispose();
  });

  it('moves the statistics of batch normalisation by the momentum of the layer, with the corrected variance', () => {
    const input = {
      class_name: 'BatchNormalization',
      config: { name: 'norm', momentum: 0.75, batch_input_shape: [null, 5] },
    };
    const output = { class_name: 'Dense', config: { name: 'out', units: 3 } };
    const problem = problemOf({ class_name: 'Sequential', config: { name: 'net', layers: [input, output] } }, [5], 3);
    const trainer = trainerOf(problem, { batchSize: 64 });
    trainer.step();
    const all = problem.samples?.gather(Array.from({ length: 64 }, (_, index) => index)).inputs[0]
      ?.data as Float32Array;
    const weights = trainer.weights();
    for (let channel = 0; channel < 5; channel++) {
      const values = Array.from({ length: 64 }, (_, index) => all[5 * index + channel] as number);
      const mean = values.reduce((sum, value) => sum + value, 0) / 64;
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 63;
      assert.ok(Math.abs((weights.get('norm/moving_mean')?.data[channel] ?? 9) - 0.25 * mean) < 1e-6);
      assert.ok(Math.abs((weights.get('norm/moving_variance')?.data[channel] ?? 9) - (0.75 + 0.25 * variance)) < 1e-6);
    }
    trainer.dispose();
  });

  it('leaves frozen layers and, on request, the statistics as they are', () => {
    const frozen = {
      class_name: 'Dense',
      config: { name: 'a', units: 4, batch_input_shape: [null, 5], trainable: false },
    };
    const layers = [
      frozen,
      { class_name: 'BatchNormalization', config: { name: 'norm' } },
      { class_name: 'Dense', config: { name: 'b', units: 3 } },
    ];
    const problem = problemOf({ class_name: 'Sequential', config: { name: 'net', layers } }, [5], 3);
    const trainer = trainerOf(problem, { movingStatistics: false });
    steps(trainer, 3);
    const changed = [...trainer.weights()].filter(([name, { data }]) =>
      data.some((value, index) => value !== problem.weights.get(name)?.data[index]),
    );
    assert.deepEqual(changed.map(([name]) => name).sort(), ['b/bias', 'b/kernel', 'norm/beta', 'norm/gamma']);
    trainer.dispose();
  });

  it('gives augmented batches, repeatably', () => {
    const seen: number[] = [];
    const augment: TrainerOptions['augment'] = (batch, random) => {
      seen.push(random.uniform());
      return batch;
    };
    const whole = trainerOf(problems.mlp(), { augment });
    steps(whole, 2);
    const saved = whole.state();
    steps(whole, 2);
    const resumed = trainerOf(problems.mlp(), { augment });
    resumed.restore(saved);
    steps(resumed, 2);
    assert.deepEqual(seen.slice(4), seen.slice(2, 4));
    whole.dispose();
    resumed.dispose();
  });

  it('says which number diverged and at which step', () => {
    const trainer = trainerOf(problems.convolution(), { learningRate: 1e30 });
    assert.throws(() => steps(trainer, 5), {
      code: 'DIVERGED',
      message: /^step \d: the (loss|gradient norm) is (NaN|Infinity); try/,
    });
    trainer.dispose();
  });
});

describe('an evaluation', () => {
  it('is loss and accuracy in inference mode over all samples, whatever the batches', async () => {
    const problem = problems.batchNorm();
    const { topology, samples, loss } = problem;
    assert.ok(samples && loss);
    const trainer = trainerOf(problem);
    steps(trainer, 6);
    const weights = trainer.weights();
    const { inputs, targets } = samples.gather(Array.from({ length: samples.size }, (_, index) => index));
    const [logits] = await infer(topology, weights, inputs);
    let [expectedLoss, right] = [0, 0];
    for (let row = 0; row < samples.size; row++) {
      const scores = Array.from(logits?.data.subarray(10 * row, 10 * row + 10) ?? []);
      const label = targets.data[row] as number;
      expectedLoss += Math.log(scores.reduce((sum, score) => sum + Math.exp(score), 0)) - (scores[label] ?? 0);
      right += scores.indexOf(Math.max(...scores)) === label ? 1 : 0;
    }
    for (const batchSize of [64, 24]) {
      const evaluator = createEvaluator({ topology, loss, targets: samples.targets, batchSize, execution: 'graph' });
      for (const from of [weights, trainer.tensors()]) {
        const evaluation = await evaluator.evaluate(from, samples, signal);
        assert.ok(Math.abs(evaluation.loss - expectedLoss / samples.size) < 1e-5, `${evaluation.loss}`);
        assert.equal(evaluation.accuracy, right / samples.size);
        assert.equal(evaluation.samples, samples.size);
      }
      evaluator.dispose();
    }
    trainer.dispose();
  });

  it('has no accuracy where values are to be regressed, and stops when it is told to', async () => {
    const { topology, samples, weights } = problems.mlp();
    assert.ok(samples);
    const regression = { ...samples, targets: { kind: 'values', shape: [10] } as const };
    const evaluator = createEvaluator({
      topology,
      loss: { name: 'mean-squared-error', options: {} },
      targets: regression.targets,
      execution: 'graph',
    });
    assert.equal((await evaluator.evaluate(weights, samples, signal)).accuracy, null);
    await assert.rejects(evaluator.evaluate(weights, samples, AbortSignal.abort()));
    evaluator.dispose();
  });
});
