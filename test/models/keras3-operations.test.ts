/** Every operation of Keras 3 in the forms that models use: read, computed exactly, and differentiable to second order by proven rules. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { installGradients } from '../../src/engine/gradients/index.ts';
import { infer } from '../../src/engine/network/infer.ts';
import { assertDifferentiableTwice } from '../../src/engine/network/layer-kernels.ts';
import { parseModel } from '../../src/models/index.ts';
import { ndarray } from '../../src/ndarray.ts';
import { relativeError } from '../support/model-cases.ts';

interface PlainArray {
  readonly shape: number[];
  readonly data: number[];
}

interface Case {
  readonly topology: unknown;
  readonly inputs: PlainArray[];
  readonly outputs: PlainArray[];
}

// Written by keras3-operations.py beside it.
const fixture = path.join(import.meta.dirname, 'fixtures/keras3-operations.json');
const { cases } = JSON.parse(readFileSync(fixture, 'utf8')) as { cases: Record<string, Case> };

describe('an operation of Keras 3', () => {
  before(installGradients);

  for (const [name, { topology: json, inputs, outputs }] of Object.entries(cases)) {
    test(`${name} computes what Keras computes`, async () => {
      const { topology } = parseModel({ topology: json });
      const arrays = inputs.map(({ shape, data }) => ndarray('float32', shape, Float32Array.from(data)));
      const results = await infer(topology, new Map(), arrays);
      assert.equal(results.length, outputs.length);
      results.forEach(({ shape, data }, index) => {
        assert.deepEqual(shape, outputs[index]?.shape);
        assert.deepEqual(topology.nodes[topology.outputs[index] as number]?.shape, shape.slice(1));
        assert.ok(relativeError(data, outputs[index]?.data ?? []) < 1e-5);
      });
      assertDifferentiableTwice(topology);
    });
  }
});
