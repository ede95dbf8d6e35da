/** Class ids per position end to end: a language model on token ids, a U-Net on masks, several labels a sample. */

import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import type { ArtifactContent } from '../../src/artifacts/index.ts';
import { targetShape } from '../../src/batch.ts';
import { localSources } from '../../src/cli/sources.ts';
import { encodeNpz } from '../../src/codecs/npz.ts';
import { parseJobSpec } from '../../src/contract/job-spec.ts';
import { runJob } from '../../src/jobs/run.ts';
import { createGraph, type Handle } from '../../src/models/zoo/graph.ts';
import { activation, conv2d, pool2d } from '../../src/models/zoo/layers.ts';
import { type NDArray, ndarray } from '../../src/ndarray.ts';
import { createRandom } from '../../src/random.ts';
import { temporaryFolder } from '../support/data-files.ts';

const folder = temporaryFolder();
const random = createRandom(7, 'per-position');

const write = (name: string, arrays: Record<string, NDArray>) =>
  folder.write(name, Buffer.concat([...encodeNpz(new Map(Object.entries(arrays)))]));
const ints = (shape: number[], draw: () => number) => {
  const length = shape.reduce((a, b) => a * b);
  return ndarray('int32', shape, Int32Array.from({ length }, draw));
};
const floats = (shape: number[]) => {
  const length = shape.reduce((a, b) => a * b);
  return ndarray(
    'float32',
    shape,
    Float32Array.from({ length }, () => random.uniform()),
  );
};

const method = { name: 'gradinit', options: { iterations: 3, batchSize: 8, learningRate: 1e-3 } };

async function run(model: object, file: string, more: object = {}) {
  const spec = parseJobSpec({ model, dataset: { ref: file }, method, artifacts: ['safetensors'], ...more });
  let published: ArtifactContent | null = null;
  const outcome = await runJob(
    spec,
    {
      sources: localSources(),
      publish: async (content) => {
        published = content;
      },
      onPhase: () => {},
    },
    {},
  );
  assert.ok(published);
  return outcome;
}

test('a transformer learns token ids per position, those with -100 left out', async () => {
  const [samples, source, target, vocabulary] = [24, 6, 5, 11] as const;
  const file = write('translation.npz', {
    x0: ints([samples, source], () => random.below(vocabulary)),
    x1: ints([samples, target], () => random.below(vocabulary)),
    y: ints([samples, target], () => (random.below(4) === 0 ? -100 : random.below(vocabulary))),
  });
  const options = {
    sourceVocabulary: vocabulary,
    targetVocabulary: vocabulary,
    sourceLength: source,
    targetLength: target,
  };
  const small = { encoderLayers: 1, decoderLayers: 1, width: 8, heads: 2, feedForward: 16 };
  const outcome = await run({ format: 'zoo', name: 'transformer', options: { ...options, ...small } }, file);
  assert.equal(outcome.prepared.problem.loss?.name, 'softmax-cross-entropy');
  const { before } = outcome.assessment ?? {};
  assert.ok(before && Math.abs(before.loss - Math.log(vocabulary)) < 1.5, String(before?.loss));
  assert.equal(outcome.history.length, 3);
});

/** Two levels with a skip connection. */
function uNet(size: number, channels: number, classes: number): object {
  const graph = createGraph('u_net');
  const input = graph.input('picture', [size, size, channels]);
  const block = (x: Handle, name: string, filters: number) =>
    activation(graph, conv2d(graph, x, { name, filters, size: 3, useBias: true }), `${name}_relu`, 'relu');
  const outer = block(input, 'outer', 4);
  const inner = block(pool2d(graph, outer, { name: 'down', kind: 'Max', size: 2, stride: 2 }), 'inner', 8);
  const up = graph.call({
    className: 'UpSampling2D',
    name: 'up',
    config: { size: [2, 2], data_format: 'channels_last', interpolation: 'nearest' },
    inputs: [inner],
    shape: [size, size, 8],
  });
  const joined = graph.call({
    className: 'Concatenate',
    name: 'skip',
    config: { axis: -1 },
    inputs: [outer, up],
    shape: [size, size, 12],
  });
  const logits = conv2d(graph, block(joined, 'merge', 4), { name: 'logits', filters: classes, size: 1, useBias: true });
  return graph.model([activation(graph, logits, 'probabilities', classes === 1 ? 'sigmoid' : 'softmax')]);
}

for (const { title, classes, marks, loss } of [
  { title: 'of three classes, 255 left out', classes: 3, marks: [0, 1, 2, 255], loss: 'softmax-cross-entropy' },
  { title: 'of foreground and background', classes: 1, marks: [0, 255], loss: 'sigmoid-cross-entropy' },
] as const) {
  test(`a U-Net learns masks ${title}`, async () => {
    const file = write(`masks-${classes}.npz`, {
      x: floats([16, 8, 8, 3]),
      y: ints([16, 8, 8], () => marks[random.below(marks.length)] ?? 0),
    });
    const outcome = await run({ topology: uNet(8, 3, classes) }, file);
    assert.equal(outcome.prepared.problem.loss?.name, loss);
    const targets = outcome.prepared.dataset?.targets;
    assert.deepEqual(targets && targetShape(targets), [8, 8]);
    const { before } = outcome.assessment ?? {};
    assert.ok(before && Math.abs(before.loss - Math.log(Math.max(2, classes))) < 0.7, String(before?.loss));
  });
}

test('memory "low" gives the loss of the whole batch where positions are left out', async () => {
  const file = write('low.npz', {
    x: floats([16, 8, 8, 3]),
    y: ints([16, 8, 8], () => [0, 1, 2, 255][random.below(4)] ?? 0),
  });
  const [fast, low] = await Promise.all(
    ['fast', 'low'].map((memory) =>
      run({ topology: uNet(8, 3, 3) }, file, { method: { ...method, options: { ...method.options, memory } } }),
    ),
  );
  for (const [i, line] of (fast?.history ?? []).entries())
    assert.ok(
      Math.abs((line.loss ?? Number.NaN) - (low?.history[i]?.loss ?? Number.NaN)) < 1e-5,
      `${line.loss} ${low?.history[i]?.loss}`,
    );
});

test('several labels a sample are asked of a sigmoid, and the report names the rows that were assessed', async () => {
  const file = write('labels.npz', { x: floats([20, 6]), y: ints([20, 4], () => random.below(2)) });
  const layers = [{ class_name: 'Dense', config: { name: 'd', units: 4, batch_input_shape: [null, 6] } }];
  const outcome = await run(
    { topology: { class_name: 'Sequential', config: { name: path.basename(file, '.npz'), layers } } },
    file,
  );
  assert.equal(outcome.prepared.problem.loss?.name, 'sigmoid-cross-entropy');
  assert.equal(new Set(outcome.assessment?.rows).size, 20);
});
