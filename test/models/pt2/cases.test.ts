/** Models of torch.export against what PyTorch computed for them: a share of the cases that test/slow/pytorch-cases.test.ts runs. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { AppError } from '../../../src/errors.ts';
import { excesses, measureCase, readAbout, readCaseModel } from '../../support/pytorch-case.ts';

const folder = path.resolve(import.meta.dirname, '../../fixtures/pytorch');
const cases = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());

/** Why a case is refused, as its message says it. */
const reasons: Readonly<Record<string, RegExp>> = {
  spectral_norm: /changes a buffer and forward uses the changed one/,
  buffer_mutation: /changes a buffer and forward uses the changed one/,
  vae: /operation randn_like .*draws random numbers/,
  complex_fft: /operation fft_fft2 .*complex numbers/,
};

describe('models of torch.export', () => {
  for (const { name } of cases) {
    const reason = reasons[name];
    const place = path.join(folder, name);
    if (reason) {
      it(`${name} is refused with the reason`, async () => {
        await assert.rejects(readCaseModel(place), (error: unknown) => {
          assert.ok(error instanceof AppError);
          assert.equal(error.code, 'LAYER_UNKNOWN');
          assert.match(error.message, reason);
          assert.doesNotMatch(error.message, /\.py|File /);
          return true;
        });
      });
      continue;
    }
    it(`${name} computes what PyTorch computes, to the derivatives of both norms`, async () => {
      assert.deepEqual(excesses(await measureCase(place)), []);
    });
    it(`${name} keeps the names, shapes and types of the state_dict`, async () => {
      const { topology } = await readCaseModel(place);
      const params = topology.layers.flatMap((layer) => layer.params);
      const found = params.flatMap(({ name: first, shape, saved }) =>
        [first, ...(saved?.aliases ?? [])].map((each) => `${each} [${shape}]`),
      );
      const expected = (readAbout(place).state_dict ?? []).map((entry) => `${entry.name} [${entry.shape}]`);
      assert.deepEqual(found.sort(), expected.sort());
    });
  }
});
