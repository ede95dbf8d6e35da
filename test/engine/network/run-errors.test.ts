import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configureMethod, initialize } from '../../../src/engine/index.ts';
import { infer } from '../../../src/engine/network/infer.ts';
import { parseModel } from '../../../src/models/index.ts';
import { ndarray } from '../../../src/ndarray.ts';
import { initialWeights } from '../../../src/topology/draw-initial.ts';
import { problemOf } from '../../support/problems.ts';

const layer = (class_name: string, config: object) => ({ class_name, config });
const sequential = (...layers: object[]) => ({ class_name: 'Sequential', config: { name: 'net', layers } });

/** Ids 0 to 3 of a table, behind an input of floats. */
const embedding = sequential(
  layer('Reshape', { name: 'cut', target_shape: [6], batch_input_shape: [null, 6] }),
  layer('Embedding', { name: 'table', input_dim: 4, output_dim: 3 }),
  layer('Flatten', { name: 'flat' }),
  layer('Dense', { name: 'head', units: 3 }),
);

for (const execution of ['graph', 'eager'] as const) {
  test(`an id outside of a table ends in an error that names layer, id and range (${execution})`, async () => {
    const problem = problemOf(embedding, [6], 3);
    const data = new Float32Array(16 * 6).fill(9);
    const samples = problem.samples && {
      ...problem.samples,
      gather: (indices: ArrayLike<number>) => ({
        inputs: [ndarray('float32', [indices.length, 6], data.slice(0, indices.length * 6))],
        targets: ndarray('int32', [indices.length], new Int32Array(indices.length)),
      }),
    };
    const method = configureMethod('gradinit', { iterations: 2, batchSize: 16 });
    const run = initialize({ problem: { ...problem, samples }, method }, { execution });
    await assert.rejects(run, {
      code: 'DATASET_INVALID',
      message:
        'layer "table" (Embedding): the data hold the id 9, ids go from 0 to 3; give the table more rows or correct the data',
    });
  });
}

test('whole numbers become floats where a layer computes with them, and floats ids where it looks them up', async () => {
  const dense = parseModel({
    topology: sequential(layer('Dense', { name: 'd', units: 2, batch_input_shape: [null, 3], dtype: 'int32' })),
  }).topology;
  const weights = initialWeights(dense, 0);
  const [whole] = await infer(dense, weights, [ndarray('int32', [1, 3], Int32Array.of(1, 2, 3))]);
  const [float] = await infer(dense, weights, [ndarray('float32', [1, 3], Float32Array.of(1, 2, 3))]);
  assert.deepEqual(whole, float);

  const lookup = parseModel({ topology: embedding }).topology;
  const ids = Int32Array.of(0, 1, 2, 3, 3, 0);
  const table = initialWeights(lookup, 0);
  const [byIds] = await infer(lookup, table, [ndarray('int32', [1, 6], ids)]);
  const [byFloats] = await infer(lookup, table, [ndarray('float32', [1, 6], Float32Array.from(ids))]);
  assert.deepEqual(byIds, byFloats);
});

test('a network whose shapes nothing gives is refused with the layer and the way out', async () => {
  const open = sequential(
    layer('Conv2D', { name: 'conv', filters: 2, kernel_size: 3, batch_input_shape: [null, null, null, 1] }),
    layer('GlobalAveragePooling2D', { name: 'pool' }),
    layer('Dense', { name: 'head', units: 3 }),
  );
  const { topology } = parseModel({ topology: open });
  const problem = { topology, weights: initialWeights(topology, 0), samples: null, loss: null, seed: 0 };
  await assert.rejects(initialize({ problem, method: configureMethod('metainit') }), {
    code: 'METHOD_NOT_APPLICABLE',
    message:
      /layer "conv" \(Conv2D\) takes an input of shape \[any,any,1\].*give the model's input a whole shape, or a dataset/,
  });
});
