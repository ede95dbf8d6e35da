/** Every exported PyTorch model of the collection beside the checkout, against what PyTorch computed for it. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { AppError } from '../../src/errors.ts';
import { excesses, measureCase, readAbout, readCaseModel } from '../support/pytorch-case.ts';

const collection = path.resolve(import.meta.dirname, '../../../shared/pytorch/cases');

/** Computed exactly here, although their records call them hard for tools. */
const read = /^(weight_norm|timm_nfnet)$/;
/** The model branches on self.training: the trace for training cannot give what it computes in inference. */
const trainingOnly = 'control_shape';
/** Batch normalisation over few samples magnifies rounding: PyTorch's own float32 is 1.3e-5 from its float64. */
const looser: Readonly<Record<string, number>> = { timm_mobilenetv4: 3 };

if (!existsSync(collection)) {
  test('PyTorch cases', { skip: 'the collection is not beside the checkout' }, () => {});
} else {
  for (const name of readdirSync(collection).sort()) {
    const folder = path.join(collection, name);
    if (!existsSync(path.join(folder, 'model.pt2'))) continue;
    const isRefused = readAbout(folder).expect === 'refuse' && !read.test(name);
    if (isRefused) {
      test(`${name} is refused`, async () => {
        await assert.rejects(
          readCaseModel(folder),
          (error: unknown) => error instanceof AppError && error.code !== 'INTERNAL',
        );
      });
    } else if (!existsSync(path.join(folder, 'gradients.json'))) {
      test(`${name} is read`, async () => {
        const { topology } = await readCaseModel(folder);
        assert.ok(topology.layers.some(({ params }) => params.length > 0));
      });
    } else {
      test(`${name} computes what PyTorch computes`, async () => {
        const errors = await measureCase(folder);
        const measured = name === trainingOnly ? { ...errors, eval: null } : errors;
        assert.deepEqual(excesses(measured, looser[name]), []);
      });
    }
  }
}
