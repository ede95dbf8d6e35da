/** The example of PyTorch, from torch and back: the weights load strictly, and torch finds the loss and the gradient norm that the report states. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../scripts/setup/paths.mjs';
import { artifactFormat } from '../../src/artifacts/index.ts';
import { publishArtifacts } from '../../src/artifacts/publish.ts';
import { localSources } from '../../src/cli/sources.ts';
import { parseJobSpec } from '../../src/contract/job-spec.ts';
import { runJob } from '../../src/jobs/run.ts';
import { readModelText } from '../../src/models/model-text.ts';
import { preparePython } from '../support/python.ts';
import { temporaryFolder } from '../support/temporary.ts';

const python = await preparePython(['torch==2.15.0', 'numpy>=1.26,<3', 'safetensors==0.6.2']);

if (typeof python === 'string') {
  test('the round trip of PyTorch', { skip: python }, () => {});
} else {
  test('a model of torch comes back as weights with the loss that the report states', async () => {
    const folder = await temporaryFolder();
    const script = path.join(import.meta.dirname, 'pytorch', 'round_trip.py');
    const run = (command: string) =>
      python.run(
        'import runpy, sys; sys.path.insert(0, sys.argv[1]); sys.argv = sys.argv[2:]; runpy.run_path(sys.argv[0], run_name="__main__")',
        [path.join(projectRoot, 'examples', 'pytorch'), script, command, folder],
      );
    await run('export');
    const spec = parseJobSpec({
      model: { topology: await readModelText(path.join(folder, 'model.pt2')) },
      dataset: { ref: path.join(folder, 'data.npz') },
      method: { name: 'gradinit', options: { iterations: 10, batchSize: 32, learningRate: 0.02, gamma: 1 } },
      artifacts: ['state-dict'],
    });
    const publish = async (content: Parameters<typeof publishArtifacts>[2], formats: readonly string[]) => {
      await publishArtifacts(path.join(folder, 'out'), formats.map(artifactFormat), content);
    };
    const { assessment } = await runJob(spec, { sources: localSources(), publish, onPhase: () => {} }, {});
    assert.ok(assessment);
    const found = JSON.parse(await run('check')) as { loss: number; gradientNorm: number; stepped: number };
    const near = (value: number, expected: number) => Math.abs(value - expected) <= 1e-4 * Math.abs(expected);
    assert.ok(near(found.loss, assessment.after.loss), `${found.loss} ${assessment.after.loss}`);
    assert.ok(near(found.gradientNorm, assessment.after.gradientNorm), `${found.gradientNorm}`);
    assert.ok(found.stepped < found.loss);
  });
}
