/** npm run demo: GradInit on a small convolutional network with the built-in digits, end to end, the artifact read back and checked. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { checkWeights } from '../artifacts/check-weights.ts';
import { readWeights } from '../artifacts/read.ts';
import { toAppError } from '../errors.ts';
import { init } from './init.ts';
import { readModelFile } from './model-file.ts';

const root = path.resolve(fileURLToPath(new URL('../..', import.meta.url)));
const model = path.join(root, 'examples/models/digits-cnn.tfjs.json');
const out = path.join(root, 'out/demo');
const options = { gamma: 1, normalizeGradient: true, learningRate: 0.01, iterations: 120, batchSize: 128 };

const Report = Type.Object({ files: Type.Array(Type.Object({ path: Type.String(), sha256: Type.String() })) });

/** Reads the artifact back: every file has the sha256 of the report, every weight fits the model. */
async function check(): Promise<string> {
  const report: unknown = JSON.parse(await readFile(path.join(out, 'report.json'), 'utf8'));
  if (!Value.Check(Report, report)) throw new Error('report.json is malformed');
  for (const file of report.files) {
    const sha256 = createHash('sha256').update(await readFile(path.join(out, file.path))).digest('hex');
    if (sha256 !== file.sha256) throw new Error(`${file.path} does not have the sha256 of report.json`);
  }
  const { topology } = await readModelFile(model);
  const weights = checkWeights(await readWeights(out), topology.layers.flatMap((layer) => layer.params));
  const { tf } = await import('../engine/tf.ts');
  const loaded = await tf.loadLayersModel(`file://${path.join(out, 'tfjs/model.json')}`);
  return `read back: ${report.files.length} files with their sha256, ${weights.size} tensors, tf.loadLayersModel gives ${loaded.countParams()} parameters`;
}

try {
  console.log('GradInit on a convolutional network (examples/models/digits-cnn.tfjs.json) with 1,797 images of handwritten digits\n');
  process.exitCode = await init(['--model', model, '--dataset', 'builtin:digits', '--method', 'gradinit', '--options', JSON.stringify(options), '--out', out, '--overwrite']);
  console.log(`  ${await check()}`);
} catch (thrown) {
  const error = toAppError(thrown);
  console.error(`${error.code}: ${error.message}`);
  process.exitCode = 1;
}
