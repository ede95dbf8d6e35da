/** Every method on graphs of operations: it gives finite weights under every name, or says why it does not apply. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { initialize } from '../../../src/engine/index.ts';
import { applicabilityOf, configureMethod, methodNames } from '../../../src/engine/methods/index.ts';
import type { Problem } from '../../../src/engine/run.ts';
import { parseModel } from '../../../src/models/index.ts';
import { readModelText } from '../../../src/models/model-text.ts';
import { initialWeights } from '../../../src/topology/draw-initial.ts';
import { splitHead } from '../../../src/topology/structure/head.ts';
import { randomSamples } from '../../support/problems.ts';

const file = path.resolve(import.meta.dirname, '../../fixtures/pytorch/digits.pt2');

/** Methods that take weights from another network, and those that train for long. */
const elsewhere = /^(net2net|weight-selection|recommend|extra-epoch)/;

const small: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  gradinit: { iterations: 2, batchSize: 4 },
  'grad-cosine': { iterations: 2, batchSize: 4 },
  metainit: { iterations: 2, batchSize: 4 },
  'metainit-gradinit-repo': { iterations: 2, batchSize: 4 },
};

async function problemOfGraph(): Promise<Problem> {
  const { topology } = splitHead(parseModel({ topology: await readModelText(file) }).topology);
  const samples = randomSamples([1, 8, 8], 10);
  const loss = { name: 'softmax-cross-entropy', options: {} } as const;
  return { topology, weights: initialWeights(topology, 0), samples, loss, seed: 0 };
}

for (const name of methodNames.filter((each) => !elsewhere.test(each))) {
  test(`${name} on a network of torch.export`, async () => {
    const problem = await problemOfGraph();
    const method = configureMethod(name, small[name] ?? {});
    const found = applicabilityOf(method, problem.topology);
    if (!found.applicable) {
      assert.match(found.reason, /graph of operations|operations of a graph/);
      await assert.rejects(initialize({ method, problem }), { code: 'METHOD_NOT_APPLICABLE' });
      return;
    }
    const { weights } = await initialize({ method, problem });
    assert.deepEqual([...weights.keys()].sort(), [...problem.weights.keys()].sort());
    for (const [parameter, { data }] of weights) assert.ok(data.every(Number.isFinite), parameter);
  });
}
