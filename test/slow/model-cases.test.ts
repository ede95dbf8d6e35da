/** Every topology of the collection beside the checkout: read exactly, or refused with a code. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { modelCases, runModelCase } from '../support/model-cases.ts';

const collection = path.resolve(import.meta.dirname, '../../../shared/models');

/** Custom code, or values that no topology holds. */
const refused =
  /^(ex_(fnet_lambda|siamese|subclassed|vit_custom)|k2_lambda|u_lambda|u_custom_(named|registered)_.*|u_hashing|u_intlookup)$/;

/** A function of the author named gelu, of which the topology says "gelu" and nothing else. */
const indistinguishable = 'u_custom_fn_gelu';

if (!existsSync(collection)) {
  test('model cases', { skip: 'the collection of models is not beside the checkout' }, () => {});
} else {
  for (const name of modelCases(collection)) {
    if (name === indistinguishable) {
      test(name, { skip: 'a function of the author that is written exactly as a stock one' }, () => {});
      continue;
    }
    test(`${name} is read exactly or refused`, async () => {
      const outcome = await runModelCase(path.join(collection, name));
      if (refused.test(name)) assert.equal(outcome.kind, 'refused', JSON.stringify(outcome));
      else assert.match(outcome.kind, /^(exact|refused)$/, JSON.stringify(outcome));
    });
  }
}
