/** Every exported PyTorch model of the collection beside the checkout, against what PyTorch computed for it. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { AppError } from '../../src/errors.ts';
import { type CaseFile, excesses, lostInOnnx, measureCase, readAbout, readCaseModel } from '../support/pytorch-case.ts';

const collection = path.resolve(import.meta.dirname, '../../../shared/pytorch/cases');

/** Computed exactly here, although their records call them hard for tools. */
const read = /^(weight_norm|timm_nfnet)$/;

interface Format {
  readonly file: CaseFile;
  /** Why a case is refused, as its message says it; a stable code is enough where this is null. */
  refusal(name: string): RegExp | null | undefined;
  /** What the file does not say. */
  readonly lost: typeof lostInOnnx;
}

/** Of the exporter of ONNX: what it writes with operators that are not read, and files without initializers. */
const refusedInOnnx: readonly [RegExp, RegExp][] = [
  [/^big_|^tv_googlenet_aux$/, /a model without its initializers/],
  [/^cat_stack_chunk_split$/, /SequenceMap .*repeats a part of the graph/],
  [/^complex_fft$/, /DFT .*complex numbers/],
  [/^dropout$/, /AlphaDropout/],
  [/^embedding_bag$/, /SequenceEmpty/],
  [/^pixel_shuffle_unfold$/, /Col2Im/],
  [/^vae$/, /RandomNormalLike .*draws random numbers/],
];

const formats: readonly Format[] = [
  {
    file: 'model.pt2',
    refusal: (name) =>
      readAbout(path.join(collection, name)).expect === 'refuse' && !read.test(name) ? null : undefined,
    lost: { control_shape: ['eval'] },
  },
  {
    file: 'model.onnx',
    refusal: (name) => refusedInOnnx.find(([names]) => names.test(name))?.[1],
    lost: lostInOnnx,
  },
];

/** Batch normalisation over few samples magnifies rounding: PyTorch's own float32 is 1.3e-5 from its float64. */
const looser: Readonly<Record<string, number>> = { timm_mobilenetv4: 3 };

function testCase(name: string, { file, refusal, lost }: Format): void {
  const folder = path.join(collection, name);
  const reason = refusal(name);
  if (reason !== undefined) {
    test(`${name}, ${file}: is refused`, async () => {
      await assert.rejects(readCaseModel(folder, file), (error: unknown) => {
        assert.ok(error instanceof AppError && error.code !== 'INTERNAL');
        if (reason !== null) assert.match(error.message, reason);
        return true;
      });
    });
  } else if (!existsSync(path.join(folder, 'gradients.json'))) {
    test(`${name}, ${file}: is read`, async () => {
      const { topology } = await readCaseModel(folder, file);
      assert.ok(topology.layers.some(({ params }) => params.length > 0));
    });
  } else {
    test(`${name}, ${file}: computes what PyTorch computes`, async () => {
      assert.deepEqual(excesses(await measureCase(folder, file), looser[name], lost[name]), []);
    });
  }
}

if (!existsSync(collection)) {
  test('PyTorch cases', { skip: 'the collection is not beside the checkout' }, () => {});
} else {
  for (const name of readdirSync(collection).sort())
    for (const format of formats) if (existsSync(path.join(collection, name, format.file))) testCase(name, format);
}
