import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ScaleBounds } from '../../../../src/engine/feeding/tuned-params.ts';
import {
  type Branch,
  clipScaleGradient,
  newScaleState,
  type RescaleAdamOptions,
  type ScaleState,
  updateScale,
} from '../../../../src/engine/search/optimizers/rescale-adam.ts';
import {
  gradinitCases,
  metainitCases,
  type RecordedCase,
  readCase,
  skipWithoutReference,
} from '../../../support/reference.ts';

const options: RescaleAdamOptions = {
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  secondMoment: 'shared',
  gradientClip: 1,
};
const bounds: ScaleBounds = { rate: 0.01, lower: 0.01, upper: Infinity };

function boundsOf({ config }: RecordedCase, name: string, group: string): ScaleBounds {
  const lower = group === 'bias' ? config.min_scale_bias : config.min_scale_weight;
  const isGain = config.flavour === 'fairseq' && /layer_norm.*\/gamma/.test(name);
  if (!isGain) return { rate: config.lr, lower, upper: Infinity };
  return { rate: config.lr_layer_norm ?? config.lr, lower, upper: config.max_scale_layer_norm ?? Infinity };
}

for (const [folder, file] of [...gradinitCases, ...metainitCases]) {
  test(`the recorded gradients of ${folder}/${file} give its recorded scales`, { skip: skipWithoutReference }, () => {
    const recorded = readCase(folder, file);
    const { config } = recorded;
    const adam: RescaleAdamOptions = {
      beta1: config.beta1,
      beta2: config.beta2,
      epsilon: config.adam_eps,
      secondMoment: config.flavour === 'fairseq' ? 'separate' : 'shared',
      gradientClip: config.grad_clip,
    };
    const scales = new Map(recorded.weights.map(({ name, group }) => [name, { group, state: newScaleState() }]));
    for (const iteration of recorded.runs.float64.iterations) {
      const branch: Branch = iteration.branch === 'constraint' ? 'constraint' : 'objective';
      for (const [name, q] of Object.entries(iteration.scale_grad_unclipped)) {
        const { state, group } = scales.get(name) as { state: ScaleState; group: string };
        assert.equal(clipScaleGradient(q, config.grad_clip), iteration.scale_grad[name]);
        updateScale(state, branch, q, boundsOf(recorded, name, group), adam, name);
      }
      for (const [name, expected] of Object.entries(iteration.scale)) {
        const { alpha } = (scales.get(name) as { state: ScaleState }).state;
        assert.ok(Math.abs(alpha - expected) <= 1e-12, `${name}: ${alpha}, expected ${expected}`);
      }
    }
  });
}

/** Applies gradients in turn and gives the scales after each. */
function trace(
  steps: readonly (readonly [Branch, number])[],
  changed: Partial<RescaleAdamOptions> = {},
  limits: Partial<ScaleBounds> = {},
): number[] {
  const state = newScaleState();
  return steps.map(([branch, q]) => {
    updateScale(state, branch, q, { ...bounds, ...limits }, { ...options, ...changed }, 'kernel');
    return state.alpha;
  });
}
const near = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) < 1e-9, `${actual}, expected ${expected}`);

test('the first step moves by the rate against the sign, whatever the size', () => {
  for (const q of [1e-3, 0.5, 1, 40]) {
    near(trace([['objective', q]], { gradientClip: 0, epsilon: 1e-20 })[0] as number, 0.99);
    near(trace([['constraint', -q]], { gradientClip: 0, epsilon: 1e-20 })[0] as number, 1.01);
  }
});

test('branches have first moments of their own and share the second, or not', () => {
  const steps = [
    ['constraint', 0.8],
    ['objective', 0.2],
  ] as const;
  const rate = bounds.rate;
  const first = 1 - rate; // m / (1 - beta1) = q, sqrt(v / (1 - beta2)) = |q|
  const shared = Math.sqrt((0.999 * 0.001 * 0.64 + 0.001 * 0.04) / (1 - 0.999 ** 2));
  near(trace(steps)[1] as number, first - (rate * 0.2) / (shared + 1e-8));
  near(trace(steps, { secondMoment: 'separate' })[1] as number, first - (rate * 0.2) / (0.2 + 1e-8));
});

test('gradients are clipped to [-clip, clip], and 0 clips nothing', () => {
  assert.deepEqual(
    [-7, -0.5, 0, 0.5, 7].map((q) => clipScaleGradient(q, 1)),
    [-1, -0.5, 0, 0.5, 1],
  );
  assert.deepEqual(
    [-7, 7].map((q) => clipScaleGradient(q, 0)),
    [-7, 7],
  );
  assert.deepEqual(
    trace([
      ['objective', 1],
      ['objective', 9],
    ]),
    trace([
      ['objective', 1],
      ['objective', 1],
    ]),
  );
  assert.notDeepEqual(
    trace(
      [
        ['objective', 1],
        ['objective', 9],
      ],
      { gradientClip: 0 },
    ),
    trace([
      ['objective', 1],
      ['objective', 1],
    ]),
  );
});

test('scales stay within their bounds', () => {
  const down = Array.from({ length: 40 }, () => ['objective', 1] as const);
  const up = Array.from({ length: 40 }, () => ['objective', -1] as const);
  assert.equal(trace(down, {}, { rate: 0.1, lower: 0.25 }).at(-1), 0.25);
  assert.equal(trace(down, {}, { rate: 0.1, lower: 0 }).at(-1), 0);
  assert.equal(trace(up, {}, { rate: 0.1, upper: 1.5 }).at(-1), 1.5);
});

test('a gradient of zero leaves the scale where it is', () => {
  assert.deepEqual(
    trace([
      ['objective', 0],
      ['constraint', 0],
    ]),
    [1, 1],
  );
});

for (const q of [Number.NaN, Infinity, -Infinity]) {
  test(`a gradient of ${q} names the parameter and changes nothing`, () => {
    const state = newScaleState();
    const update = () => updateScale(state, 'objective', q, bounds, options, 'dense_1/kernel');
    assert.throws(update, {
      code: 'DIVERGED',
      message: new RegExp(`dense_1/kernel is ${q}`),
      details: { parameter: 'dense_1/kernel' },
    });
    assert.deepEqual(state, newScaleState());
  });
}

test('a scale that leaves the finite numbers is refused', () => {
  const update = () =>
    updateScale(
      newScaleState(),
      'objective',
      -1,
      { rate: 1e308 * 10, lower: 0, upper: Infinity },
      options,
      'dense_1/kernel',
    );
  assert.throws(update, { code: 'DIVERGED' });
});

test('a state survives JSON exactly', () => {
  const steps = Array.from(
    { length: 30 },
    (_, index) => [index % 3 === 0 ? 'constraint' : 'objective', Math.sin(index)] as [Branch, number],
  );
  const [through, direct] = [newScaleState(), newScaleState()];
  let copied: ScaleState = through;
  for (const [branch, q] of steps) {
    updateScale(direct, branch, q, bounds, options, 'w');
    copied = JSON.parse(JSON.stringify(copied));
    updateScale(copied, branch, q, bounds, options, 'w');
  }
  assert.deepEqual(copied, direct);
});
