import assert from 'node:assert/strict';
import { describe as group, it } from 'node:test';
import { buildTopology } from '../../src/topology/build.ts';
import { describe, estimateMemory } from '../../src/topology/summary.ts';
import { dense, input, layer, model, ref } from './raw-models.ts';

const topology = buildTopology(
  model(
    [
      input('x', 4),
      dense('a', 3, [ref('x')]),
      layer('n', 'BatchNormalization', {}, [ref('a')]),
      dense('b', 3, [ref('n')], [ref('b', 0)]),
    ],
    [ref('b', 1)],
  ),
);

group('a summary', () => {
  it('lists every layer once with its output and its parameters', () => {
    const { rows, ...totals } = describe(topology);
    assert.deepEqual(rows, [
      { name: 'x', className: 'InputLayer', outputShape: [4], params: 0 },
      { name: 'a', className: 'Dense', outputShape: [3], params: 15 },
      { name: 'n', className: 'BatchNormalization', outputShape: [3], params: 12 },
      { name: 'b', className: 'Dense', outputShape: [3], params: 12 },
    ]);
    assert.deepEqual(totals, { name: 'model', totalParams: 39, trainableParams: 33, nonTrainableParams: 6 });
  });

  it('estimates bytes: parameters once, activations for every node and sample', () => {
    const { params, activations, secondOrderStep } = estimateMemory(topology, 10);
    assert.equal(params, 39 * 4);
    assert.equal(activations, (4 + 3 + 3 + 3 + 3) * 10 * 4);
    assert.equal(secondOrderStep, 6 * params + 3 * activations);
  });
});
