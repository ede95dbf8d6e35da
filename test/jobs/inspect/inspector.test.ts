/** The processes that look at what clients send. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';
import { createInspector, type InspectorOptions } from '../../../src/jobs/inspect/inspector.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const folder = await temporaryFolder();
const long = path.join(folder, 'long.csv');
await writeFile(long, '0.125,0.25,0.5,0.75,1\n0.25,0.5,0.75,1,0\n'.repeat(300_000));
const table = path.join(folder, 'table.csv');
await writeFile(table, '1,2,0\n3,4,1\n5,6,0\n');

function inspectorFor(options: Partial<InspectorOptions> = {}) {
  const inspector = createInspector({ idleMs: 60_000, timeoutMs: 60_000, ...options });
  after(() => inspector.close());
  return inspector;
}

const request = (file: string) =>
  ({ path: file, label: path.basename(file), kind: 'dataset', options: {}, maxBytes: 1e9 }) as const;

const dense = (units: unknown) => ({
  class_name: 'Sequential',
  config: { name: 'm', layers: [{ class_name: 'Dense', config: { name: 'd', units, batch_input_shape: [null, 4] } }] },
});
const check = {
  spec: {
    model: { topology: JSON.stringify(dense(3)) },
    method: { name: 'xavier' },
    artifacts: ['safetensors' as const],
  },
  modelFile: null,
  data: null,
  test: null,
  weights: null,
  source: null,
  maxParameters: 1e6,
};

test('the many long files of one tenant leave a process to another', async () => {
  const inspector = inspectorFor();
  let read = 0;
  const slow = Array.from({ length: 5 }, () =>
    inspector.inspect(request(long), 'slow').then(() => {
      read += 1;
    }),
  );
  const found = await inspector.inspect(request(table), 'quick');
  assert.equal(found.kind, 'dataset');
  assert.ok(read < slow.length, 'the short file waited for all long ones');
  await Promise.all(slow);
});

test('models are checked while every process for files is busy', async () => {
  const inspector = inspectorFor();
  for (const tenant of ['a', 'b', 'c', 'd']) void inspector.inspect(request(long), tenant).catch(() => {});
  const { problems, model } = await inspector.check(check);
  assert.deepEqual(problems, []);
  assert.equal(model?.totalParameters, 15);
});

test('a file that takes longer than allowed is refused with a code, and the next one is read', async () => {
  const inspector = inspectorFor({ timeoutMs: 1 });
  await assert.rejects(inspector.inspect(request(long)), {
    code: 'DATASET_INVALID',
    message: /long.csv: .* takes longer than/,
  });
  await assert.rejects(inspector.inspect(request(long)), { code: 'DATASET_INVALID' });
});

test('a check tells every problem with its place', async () => {
  const inspector = inspectorFor();
  const spec = {
    ...check.spec,
    model: { topology: JSON.stringify(dense(-1)) },
    loss: { name: 'huber' as const, options: { x: 1 } },
  };
  const wrongModel = await inspector.check({ ...check, spec });
  assert.deepEqual(
    wrongModel.problems.map(({ code, pointer }) => [code, pointer]),
    [['LAYER_INVALID', '/model/topology/config/layers/0/config/units']],
  );
  const wrongLoss = await inspector.check({ ...check, spec: { ...spec, model: check.spec.model } });
  assert.deepEqual(
    wrongLoss.problems.map(({ code, pointer }) => [code, pointer]),
    [['OPTION_INVALID', '/loss/options/x']],
  );
});

test('topologies of a body come back as texts', async () => {
  const inspector = inspectorFor();
  const body = { model: { topology: dense(3) }, models: [{ model: { topology: dense(4) } }], other: [1] };
  assert.deepEqual(await inspector.readBody(Buffer.from(JSON.stringify(body))), {
    model: { topology: JSON.stringify(dense(3)) },
    models: [{ model: { topology: JSON.stringify(dense(4)) } }],
    other: [1],
  });
});
