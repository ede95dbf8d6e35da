/** One output of several: found by name or position, refused with the outputs that there are, and run by the engine. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { localSources } from '../../../src/cli/sources.ts';
import { parseJobSpec } from '../../../src/contract/job-spec.ts';
import { runJob } from '../../../src/jobs/run.ts';
import { parseModel } from '../../../src/models/index.ts';
import { chooseOutput } from '../../../src/topology/structure/choose-output.ts';

const dense = (name: string, units: number, from: string, activation = 'linear') => ({
  class_name: 'Dense',
  name,
  config: { name, units, activation },
  inbound_nodes: [[[from, 0, 0, {}]]],
});
const model = {
  class_name: 'Model',
  config: {
    name: 'two',
    layers: [
      {
        class_name: 'InputLayer',
        name: 'x',
        config: { name: 'x', batch_input_shape: [null, 8, 8, 1] },
        inbound_nodes: [],
      },
      { class_name: 'Flatten', name: 'flat', config: { name: 'flat' }, inbound_nodes: [[['x', 0, 0, {}]]] },
      dense('body', 6, 'flat'),
      dense('kind', 10, 'body', 'softmax'),
      dense('size', 1, 'body'),
    ],
    input_layers: [['x', 0, 0]],
    output_layers: [
      ['kind', 0, 0],
      ['size', 0, 0],
    ],
  },
};
const { topology } = parseModel({ topology: model });

test('an output is chosen by name or position; every layer stays', () => {
  for (const [wish, index] of [
    ['kind', 0],
    ['size', 1],
    [0, 0],
    [1, 1],
  ] as const) {
    const chosen = chooseOutput(topology, wish);
    assert.deepEqual(chosen, { ...topology, outputs: [topology.outputs[index]] });
  }
  assert.equal(chooseOutput(topology, undefined), topology);
});

test('an output that there is not, and a name that two have, are refused with the outputs', () => {
  for (const wish of ['body', 2, '__proto__'])
    assert.throws(() => chooseOutput(topology, wish), { code: 'INVALID_INPUT', message: /0: kind, 1: size/ });
  const [kind = 0] = topology.outputs;
  const twice = { ...topology, outputs: [kind, kind] };
  assert.throws(() => chooseOutput(twice, 'kind'), { code: 'INVALID_INPUT', message: /2 outputs.*position/ });
});

async function run(output: string | undefined) {
  const spec = parseJobSpec({
    model: { topology: model },
    dataset: { ref: 'builtin:digits' },
    method: { name: 'gradinit', options: { iterations: 2, batchSize: 16, learningRate: 0.01 } },
    ...(output === undefined ? {} : { output }),
  });
  return runJob(spec, { sources: localSources(), publish: async () => {}, onPhase: () => {} }, {});
}

test('a job tunes what its output depends on and leaves the other output as it was', async () => {
  const { content, prepared, result } = await run('kind');
  assert.equal(result.scales?.['size/kernel'], 1);
  assert.notEqual(result.scales?.['kind/kernel'], 1);
  assert.deepEqual(content.weights.get('size/kernel'), prepared.problem.weights.get('size/kernel'));
  assert.equal((content.report.decisions as { output?: string }).output, 'kind');
  await assert.rejects(run(undefined), { code: 'MODEL_MALFORMED', message: /kind, size.*output/ });
});
