/** Exact second-order gradients of whole networks against differences: the zoo, the reference cases and Keras 3 models, in both norms. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { Batch } from '../../src/batch.ts';
import { readModelFile } from '../../src/cli/model-file.ts';
import { readSafetensors } from '../../src/codecs/safetensors.ts';
import type { Problem } from '../../src/engine/run.ts';
import { verifyScaleGradients } from '../../src/engine/verify/index.ts';
import { buildZooModel } from '../../src/models/zoo/index.ts';
import { type NDArray, ndarray } from '../../src/ndarray.ts';
import { createRandom } from '../../src/random.ts';
import { splitHead } from '../../src/topology/structure/head.ts';
import type { Topology } from '../../src/topology/topology.ts';
import { problemOf } from '../support/problems.ts';
import { referenceFolder, skipWithoutReference } from '../support/reference.ts';

const samples = 16;
const random = createRandom(1, 'slow verify');

/** Random inputs of the topology's shapes; token ids below `vocabulary`. */
function randomBatch(topology: Topology, classes: number, vocabulary = 4): Batch {
  const inputs = topology.inputs.map((id, position) => {
    const shape = [samples, ...(topology.nodes[id]?.shape ?? []).map(Number)];
    const size = shape.reduce((product, extent) => product * extent, 1);
    return topology.inputDtypes[position] === 'int32'
      ? ndarray(
          'int32',
          shape,
          Int32Array.from({ length: size }, () => random.below(vocabulary)),
        )
      : ndarray(
          'float32',
          shape,
          Float32Array.from({ length: size }, () => random.normal()),
        );
  });
  const targets =
    classes === 1
      ? ndarray(
          'float32',
          [samples, 1],
          Float32Array.from({ length: samples }, () => random.normal()),
        )
      : ndarray(
          'int32',
          [samples],
          Int32Array.from({ length: samples }, () => random.below(classes)),
        );
  return { inputs, targets };
}

async function assertAgrees(problem: Problem, batch: Batch, parameters?: number): Promise<void> {
  for (const norm of ['l2', 'l1'] as const) {
    const { scales, worst } = await verifyScaleGradients(problem, batch, {
      norm,
      ...(parameters ? { parameters } : {}),
    });
    const wrong = scales.filter(({ verdict, relativeError }) => verdict === 'judged' && relativeError >= 0.005);
    assert.ok(worst < 0.005, `${norm}: ${JSON.stringify(wrong)}`);
  }
}

const image = { inputShape: [8, 8, 1] };
const blocks = { vocabulary: 20, length: 8, layers: 2, width: 16, heads: 2, feedForward: 32 };
const zoo: readonly [name: string, options: Record<string, unknown>, inputShape: number[], classes: number][] = [
  ['small-cnn', image, [8, 8, 1], 10],
  ['vgg', { ...image, widths: [[8, 8], [16]], batchNorm: true }, [8, 8, 1], 10],
  ['vgg', { ...image, widths: [[8, 8], [16]], batchNorm: false }, [8, 8, 1], 10],
  ['resnet', { depth: 20 }, [32, 32, 3], 10],
  ['resnet', { depth: 20, batchNorm: false }, [32, 32, 3], 10],
  ['wide-resnet', { ...image, depth: 16, widenFactor: 1 }, [8, 8, 1], 10],
  ['densenet-bc', { ...image, depth: 22, growthRate: 4 }, [8, 8, 1], 10],
  ['transformer-classifier', blocks, [8], 2],
  ['transformer-classifier', { ...blocks, normalization: 'pre' }, [8], 2],
];
for (const [name, options, inputShape, classes] of zoo) {
  test(`${name} ${JSON.stringify(options)} agrees with differences`, async () => {
    const problem = problemOf(buildZooModel(name, options), inputShape, classes);
    await assertAgrees(problem, randomBatch(problem.topology, classes, 20), 12);
  });
}

/** A model file with its weights; targets of one column are values. */
async function problemFrom(folder: string): Promise<{ problem: Problem; classes: number }> {
  const { topology } = splitHead((await readModelFile(path.join(folder, 'model.json'))).topology);
  const { tensors } = await readSafetensors(path.join(folder, 'weights.safetensors'));
  const classes = topology.nodes[topology.outputs[0] as number]?.shape.at(-1) as number;
  const loss = { name: classes === 1 ? 'mean-squared-error' : 'softmax-cross-entropy', options: {} } as const;
  return {
    problem: { topology, weights: tensors as Map<string, NDArray<'float32'>>, samples: null, loss, seed: 0 },
    classes,
  };
}

for (const kind of ['reference', 'keras3']) {
  const parent = path.join(path.dirname(referenceFolder), kind);
  const cases = existsSync(parent)
    ? readdirSync(parent).filter((name) => existsSync(path.join(parent, name, 'model.json')))
    : ['cases'];
  for (const name of cases) {
    test(`${kind}/${name} agrees with differences`, { skip: skipWithoutReference }, async () => {
      const { problem, classes } = await problemFrom(path.join(parent, name));
      await assertAgrees(problem, randomBatch(problem.topology, classes));
    });
  }
}
