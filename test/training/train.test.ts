import assert from 'node:assert/strict';
import { test } from 'node:test';
import { localSources } from '../../src/cli/sources.ts';
import { type JobSpec, parseJobSpec } from '../../src/contract/job-spec.ts';
import { type PackedState, packState, unpackState } from '../../src/jobs/checkpoints/pack.ts';
import { runJob } from '../../src/jobs/run.ts';
import type { Sources } from '../../src/jobs/sources.ts';

const conv = (filters: number) => ({ filters, kernel_size: 3, padding: 'same', strides: 2 });
const layer = (class_name: string, name: string, config: object) => ({ class_name, config: { name, ...config } });
const network = {
  class_name: 'Sequential',
  config: {
    name: 'small',
    layers: [
      layer('InputLayer', 'in', { batch_input_shape: [null, 8, 8, 1], dtype: 'float32' }),
      layer('Conv2D', 'conv', conv(4)),
      layer('BatchNormalization', 'norm', { axis: -1 }),
      layer('Flatten', 'flat', {}),
      layer('Dense', 'out', { units: 10 }),
    ],
  },
};

const specs: Record<string, object> = {
  'sgd with momentum, augmentation, moving statistics and several evaluations': {
    model: { format: 'tfjs-layers', topology: network },
    method: { name: 'gradinit', options: { iterations: 3, batchSize: 64 } },
    training: {
      epochs: 2,
      batchSize: 128,
      evaluations: 2,
      warmupEpochs: 0.5,
      augmentation: { crop: 1, flip: true, cutout: 2 },
    },
  },
  'adam on a network that the method changed': {
    model: { format: 'zoo', name: 'resnet', options: { inputShape: [8, 8, 1], depth: 8, width: 4, batchNorm: false } },
    method: { name: 'fixup' },
    training: { epochs: 1, batchSize: 200, optimizer: 'adam' },
  },
};

interface Outcome {
  readonly training: Record<string, unknown>;
  readonly history: unknown;
  readonly weights: string;
  /** After every iteration: what a process would find that goes on from there. */
  readonly states: PackedState[];
}

async function run(spec: JobSpec, resume: unknown, sources = localSources()): Promise<Outcome> {
  const states: PackedState[] = [];
  const { content, history } = await runJob(
    spec,
    { sources, publish: async () => {}, onPhase: () => {} },
    {
      resume,
      saveState: (state) => states.push(packState(state())),
    },
  );
  const { training, ...report } = content.report as { training: Record<string, unknown>; history: object[] };
  const weights = [...content.weights].map(([name, { data }]) => [name, Buffer.from(data.buffer).toString('base64')]);
  return {
    training: timeless(training),
    history: timeless({ history, report: report.history.length }),
    weights: JSON.stringify(weights),
    states,
  };
}

/** Without what a clock says. */
function timeless<T>(value: T): T {
  return JSON.parse(JSON.stringify(value, (key, entry) => (key === 'seconds' ? undefined : entry))) as T;
}

for (const [title, wish] of Object.entries(specs)) {
  test(`${title}: a run that goes on from any state ends as one that was not disturbed`, async () => {
    const spec = parseJobSpec({
      dataset: { ref: 'builtin:digits', options: { validationSplit: 0.2 } },
      seed: 5,
      artifacts: ['safetensors'],
      ...wish,
    });
    const whole = await run(spec, null);
    assert.ok(whole.states.length > 8);
    const cuts = [0, 2, 3, 5, Math.floor(whole.states.length / 2), whole.states.length - 2, whole.states.length - 1];
    for (const cut of cuts) {
      const resumed = await run(spec, unpackState(whole.states[cut] as PackedState));
      assert.deepEqual(
        [resumed.training, resumed.history, resumed.weights],
        [whole.training, whole.history, whole.weights],
        `state ${cut} of ${whole.states.length}`,
      );
      assert.ok(
        resumed.states.length <= whole.states.length - cut + 1,
        `${resumed.states.length} states after state ${cut} of ${whole.states.length}`,
      );
    }
  });
}

test('a training opens its data once', async () => {
  const local = localSources();
  const opened: string[] = [];
  const sources: Sources = {
    ...local,
    openDataset(ref, options) {
      opened.push(ref);
      return local.openDataset(ref, options);
    },
  };
  const spec = parseJobSpec({
    model: { format: 'zoo', name: 'mlp', options: { inputShape: [64], sizes: [4] } },
    dataset: { ref: 'builtin:digits', options: { validationSplit: 0.2 } },
    method: { name: 'kaiming' },
    training: { epochs: 1, batchSize: 512 },
  });
  await run(spec, null, sources);
  assert.deepEqual(opened, ['builtin:digits']);
});
