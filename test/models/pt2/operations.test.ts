/** The two registries of graph operations: signatures, which check files, and functions, which compute. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { graphOperations } from '../../../src/engine/network/operation-graph/index.ts';
import { signatures } from '../../../src/topology/operation-graph/signatures/index.ts';

test('every operation with a signature can be computed, and no other', () => {
  assert.deepEqual([...graphOperations.keys()].sort(), [...signatures.keys()].sort());
});
