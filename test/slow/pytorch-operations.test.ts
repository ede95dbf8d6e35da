/** Small models of single operations, exported by PyTorch on this machine, against what it computes for them. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { preparePython } from '../support/python.ts';
import { excesses, measureCase } from '../support/pytorch-case.ts';
import { temporaryFolder } from '../support/temporary.ts';

const python = await preparePython(['torch==2.15.0', 'numpy>=1.26,<3', 'safetensors==0.6.2']);

if (typeof python === 'string') {
  test('operations of PyTorch', { skip: python }, () => {});
} else {
  const folder = await temporaryFolder();
  const scripts = path.join(import.meta.dirname, 'pytorch');
  await python.run(
    'import runpy, sys; sys.path.insert(0, sys.argv[1]); sys.argv = sys.argv[2:]; runpy.run_path(sys.argv[0], run_name="__main__")',
    [scripts, path.join(scripts, 'export_cases.py'), folder],
  );
  for (const name of readdirSync(folder).sort()) {
    test(`${name} computes what PyTorch computes`, async () => {
      assert.deepEqual(excesses(await measureCase(path.join(folder, name))), []);
    });
  }
}
