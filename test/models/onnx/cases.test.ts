/** Models of torch.onnx against what PyTorch computed for them: a share of the cases that test/slow/pytorch-cases.test.ts runs. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { AppError } from '../../../src/errors.ts';
import { readModelWeights } from '../../../src/models/model-weights.ts';
import { excesses, lostInOnnx, measureCase, readAbout, readCaseModel } from '../../support/pytorch-case.ts';

const folder = path.resolve(import.meta.dirname, '../../fixtures/pytorch');
const cases = readdirSync(folder).filter((name) => existsSync(path.join(folder, name, 'model.onnx')));

/** Why a case is refused, as its message says it. */
const reasons: Readonly<Record<string, RegExp>> = {
  vae: /operation RandomNormalLike \(node "node_randn_like"\) draws random numbers .*take the noise as an input/,
  complex_fft: /operation DFT .*complex numbers/,
  cat_stack_chunk_split: /operation SequenceMap .*repeats a part of the graph; export .*\.pt2/,
};

describe('models of torch.onnx', () => {
  for (const name of cases) {
    const reason = reasons[name];
    const place = path.join(folder, name);
    if (reason) {
      it(`${name} is refused with the reason`, async () => {
        await assert.rejects(readCaseModel(place, 'model.onnx'), (error: unknown) => {
          assert.ok(error instanceof AppError);
          assert.equal(error.code, 'LAYER_UNKNOWN');
          assert.match(error.message, reason);
          return true;
        });
      });
      continue;
    }
    it(`${name} computes what PyTorch computes, to the derivatives of both norms`, async () => {
      const errors = await measureCase(place, 'model.onnx');
      assert.deepEqual(excesses(errors, 1, lostInOnnx[name]), []);
    });
    it(`${name} keeps names, shapes and values of the initializers`, async () => {
      const { topology } = await readCaseModel(place, 'model.onnx');
      const params = topology.layers.flatMap((layer) => layer.params);
      const values = await readModelWeights(path.join(place, 'model.onnx'));
      assert.deepEqual(
        params.map(({ name: own, shape }) => `${own} [${shape}]`).sort(),
        [...(values ?? [])].map(([own, { shape }]) => `${own} [${shape}]`).sort(),
      );
      const state = new Map((readAbout(place).state_dict ?? []).map((entry) => [entry.name, `${entry.shape}`]));
      for (const { name: own, shape } of params) assert.equal(state.get(own), `${shape}`, own);
    });
  }
});
