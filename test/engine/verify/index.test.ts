import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gradientRules, installGradients } from '../../../src/engine/gradients/index.ts';
import { runKernel } from '../../../src/engine/gradients/rule.ts';
import { tensorFlowBackend } from '../../../src/engine/graph/binding.ts';
import { trimIdleSessions } from '../../../src/engine/graph/sessions.ts';
import type { Problem } from '../../../src/engine/run.ts';
import { type GradConfig, type Tensor, tf } from '../../../src/engine/tf.ts';
import { isVerified, verifyScaleGradients } from '../../../src/engine/verify/index.ts';
import { problemOf, problems } from '../../support/problems.ts';

installGradients();

const verify = (problem: Problem, options: Partial<Parameters<typeof verifyScaleGradients>[2]> = {}) => {
  const batch = problem.samples?.gather(Array.from({ length: 24 }, (_, index) => index));
  assert.ok(batch);
  return verifyScaleGradients(problem, batch, { norm: 'l2', ...options });
};

const layer = (class_name: string, config: object) => ({ class_name, config });

/** Every kind of kink in one network. */
const kinks = (seed = 0) =>
  problemOf(
    {
      class_name: 'Sequential',
      config: {
        name: 'kinks',
        layers: [
          layer('Conv2D', {
            name: 'c1',
            filters: 6,
            kernel_size: 3,
            padding: 'same',
            activation: 'relu',
            batch_input_shape: [null, 8, 8, 1],
          }),
          layer('MaxPooling2D', { name: 'p1', pool_size: 2 }),
          layer('Conv2D', { name: 'c2', filters: 6, kernel_size: 3, padding: 'same', activation: 'selu' }),
          layer('PReLU', { name: 'prelu', alpha_initializer: layer('Constant', { value: 0.3 }) }),
          layer('Conv2D', { name: 'c3', filters: 6, kernel_size: 2, activation: 'relu6' }),
          layer('ReLU', { name: 'capped', max_value: 0.8 }),
          layer('Conv2D', { name: 'c4', filters: 8, kernel_size: 2, activation: 'elu' }),
          layer('LeakyReLU', { name: 'leaky' }),
          layer('GlobalMaxPooling2D', { name: 'p2' }),
          layer('Dense', { name: 'd1', units: 8, activation: 'softsign' }),
          layer('Dense', { name: 'd2', units: 8, activation: 'hard_sigmoid' }),
          layer('Dense', { name: 'd3', units: 10, activation: 'softmax' }),
        ],
      },
    },
    [8, 8, 1],
    10,
    seed,
  );

for (const [name, make] of Object.entries({ ...problems, kinks })) {
  for (const norm of ['l2', 'l1'] as const) {
    test(`the scale gradients of the ${name} network agree with differences in the ${norm} norm`, async () => {
      const { scales, worst, total, gradientNorm } = await verify(make(), { norm });
      assert.equal(scales.length, total);
      assert.ok(gradientNorm > 0 && scales.some(({ verdict }) => verdict === 'judged'));
      assert.ok(
        worst < 0.005,
        JSON.stringify(scales.filter(({ verdict, relativeError }) => verdict === 'judged' && relativeError >= 0.005)),
      );
    });
  }
}

test('both executions agree', async () => {
  const [graph, eager] = [
    await verify(problems.batchNorm()),
    await verify(problems.batchNorm(), { execution: 'eager' }),
  ];
  graph.scales.forEach(({ exact }, k) => {
    const other = eager.scales[k]?.exact ?? Number.NaN;
    assert.ok(Math.abs(exact - other) <= 1e-4 * graph.gradientNorm, `${exact} and ${other}`);
  });
  assert.ok(eager.worst < 0.005);
});

test('a sample of the scales is seeded and judged by the largest derivative of all', async () => {
  const all = await verify(problems.batchNorm());
  const some = await verify(problems.batchNorm(), { parameters: 3 });
  const again = await verify(problems.batchNorm(), { parameters: 3 });
  const names = some.scales.map(({ parameter }) => parameter);
  assert.equal(names.length, 3);
  assert.equal(some.total, all.scales.length);
  assert.deepEqual(again, some);
  assert.deepEqual(
    some.scales,
    all.scales.filter(({ parameter }) => names.includes(parameter)),
  );
});

test('where no scale has a derivative nothing is judged, which is no pass', async () => {
  // All trained parameters are zero, so that none has a scale.
  const deaf = problemOf(
    {
      class_name: 'Sequential',
      config: {
        name: 'deaf',
        layers: [
          layer('Dense', { name: 'd1', units: 6, use_bias: false, batch_input_shape: [null, 6], trainable: false }),
          layer('Dense', { name: 'd2', units: 4, kernel_initializer: 'zeros', bias_initializer: 'zeros' }),
        ],
      },
    },
    [6],
    4,
  );
  const verification = await verify(deaf);
  assert.deepEqual([verification.judged, verification.worst], [0, 0]);
  assert.equal(isVerified(verification, 0.02), false);
});

test('a small sample takes scales that can be judged', async () => {
  for (const seed of [0, 1, 2, 3, 4]) {
    const { judged } = await verify({ ...problems.residual(), seed }, { parameters: 1 });
    assert.equal(judged, 1);
  }
});

test('frozen layers are constants of the check', async () => {
  const frozen = problemOf(
    {
      class_name: 'Sequential',
      config: {
        name: 'frozen',
        layers: [
          layer('Dense', { name: 'd1', units: 9, activation: 'relu', trainable: false, batch_input_shape: [null, 6] }),
          layer('BatchNormalization', { name: 'b1' }),
          layer('Dense', { name: 'd2', units: 4, activation: 'softmax' }),
        ],
      },
    },
    [6],
    4,
  );
  const { scales, worst } = await verify(frozen);
  assert.deepEqual(
    scales.map(({ parameter }) => parameter),
    ['b1/gamma', 'd2/kernel'],
  );
  assert.ok(worst < 0.005, `${worst}`);
});

test('nothing is left behind', async () => {
  const { binding } = tensorFlowBackend();
  const count = () => {
    trimIdleSessions();
    return [binding.getNumOfSavedModels(), tf.memory().numTensors];
  };
  const before = count();
  await verify(problems.mlp());
  assert.deepEqual(count(), before);
});

/** Puts a rule in the place of the proven one while `run` runs. */
async function withRule(broken: GradConfig, run: () => Promise<void>): Promise<void> {
  const proven = gradientRules.find(({ kernelName }) => kernelName === broken.kernelName);
  assert.ok(proven);
  tf.unregisterGradient(broken.kernelName);
  tf.registerGradient(broken);
  try {
    await run();
  } finally {
    tf.unregisterGradient(broken.kernelName);
    tf.registerGradient(proven);
  }
}

const saved = (tensors: readonly Tensor[]) => tensors[0] as Tensor;
const wrong: { title: string; rule: GradConfig; problem: () => Problem }[] = [
  {
    title: 'a rule that keeps its output, and so loses a path in second order',
    rule: {
      kernelName: 'Tanh',
      outputsToSave: [true],
      gradFunc: (dy, kept) => ({ x: () => tf.mul(dy as Tensor, tf.sub(1, tf.square(saved(kept)))) }),
    },
    problem: () =>
      problemOf(
        {
          class_name: 'Sequential',
          config: {
            name: 'n',
            layers: [
              layer('Dense', { name: 'd1', units: 12, activation: 'tanh', batch_input_shape: [null, 6] }),
              layer('Dense', { name: 'd2', units: 12, activation: 'tanh' }),
              layer('Dense', { name: 'd3', units: 4, activation: 'softmax' }),
            ],
          },
        },
        [6],
        4,
      ),
  },
  {
    title: 'a gradient of relu that is a tenth too large',
    rule: {
      kernelName: 'Relu',
      inputsToSave: ['x'],
      gradFunc: (dy, kept) => ({ x: () => runKernel('ReluGrad', { dy: tf.mul(dy as Tensor, 1.1), x: saved(kept) }) }),
    },
    problem: problems.convolution,
  },
  {
    title: 'a mask that is not applied again in second order',
    rule: {
      kernelName: 'ReluGrad',
      inputsToSave: ['x'],
      gradFunc: (dy, kept) => ({ dy: () => tf.clone(dy as Tensor), x: () => tf.zerosLike(saved(kept)) }),
    },
    problem: problems.mlp,
  },
  {
    title: 'a square whose derivative is a tenth too large',
    rule: {
      kernelName: 'Square',
      inputsToSave: ['x'],
      gradFunc: (dy, kept) => ({ x: () => tf.mul(tf.mul(dy as Tensor, 2.2), saved(kept)) }),
    },
    problem: problems.mlp,
  },
];

for (const { title, rule, problem } of wrong) {
  test(`${title} is found out`, async () => {
    await withRule(rule, async () => {
      const { worst } = await verify(problem());
      assert.ok(worst > 0.02, `worst ${worst}`);
    });
    const { worst } = await verify(problem());
    assert.ok(worst < 0.005, `worst ${worst} with the proven rule`);
  });
}
