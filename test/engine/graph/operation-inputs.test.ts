import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { operationTable, operationTableFile } from '../../../scripts/operations/operation-table.ts';
import { projectRoot, stampFile } from '../../../scripts/setup/paths.mjs';
import { attributeTypes, dataTypes, type OpAttribute } from '../../../src/engine/graph/binding.ts';
import { inferredAttributes } from '../../../src/engine/graph/operation-inputs.ts';

const { float32, int32, bool } = dataTypes;
const type = (name: string, value: number) => ({ name, type: attributeTypes.type, value });
const types = (name: string, value: readonly number[]) => ({ name, type: attributeTypes.type, value });
const count = (name: string, value: number) => ({ name, type: attributeTypes.int, value });

const rows: readonly [op: string, given: OpAttribute[], inputs: number[], inferred: OpAttribute[]][] = [
  ['ExpandDims', [], [float32, int32], [type('T', float32), type('Tdim', int32)]],
  ['Select', [], [bool, float32, float32], [type('T', float32)]],
  ['ConcatV2', [], [float32, float32, float32, int32], [count('N', 3), type('T', float32), type('Tidx', int32)]],
  ['ConcatV2', [count('N', 2), type('T', float32)], [float32, float32, int32], [type('Tidx', int32)]],
  ['IdentityN', [], [float32, int32], [types('T', [float32, int32])]],
  ['AddN', [type('T', float32)], [float32, float32], [count('N', 2)]],
  ['NoSuchOperation', [], [float32], []],
];

for (const [op, given, inputs, inferred] of rows) {
  test(`${op} of the types ${inputs} with ${given.length} attributes given: the rest follows from its inputs`, () => {
    assert.deepEqual(inferredAttributes(op, given, inputs), inferred);
  });
}

test('a number of inputs that the attributes contradict is refused', () => {
  assert.throws(() => inferredAttributes('AddN', [count('N', 3)], [float32, float32]), { code: 'INTERNAL' });
});

test('the table is that of the installed TensorFlow (npm run operations:table)', (t) => {
  const { tensorflow } = JSON.parse(readFileSync(stampFile(projectRoot), 'utf8'));
  if (tensorflow.variant !== 'cpu') return t.skip('the table is written from the CPU build');
  const written = readFileSync(path.join(projectRoot, operationTableFile), 'utf8');
  assert.equal(written, operationTable(tensorflow.libDir, tensorflow.version));
});
