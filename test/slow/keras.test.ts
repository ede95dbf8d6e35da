/** Weights from Keras and to Keras: files that it wrote are read exactly, and what a job writes loads into models rebuilt in another process. */
import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { before, test } from 'node:test';
import { projectRoot } from '../../scripts/setup/paths.mjs';
import { checkWeights } from '../../src/artifacts/check-weights.ts';
import { artifactFormat } from '../../src/artifacts/index.ts';
import { publishArtifacts } from '../../src/artifacts/publish.ts';
import { readWeights } from '../../src/artifacts/read.ts';
import { localSources } from '../../src/cli/sources.ts';
import { encodeNpz } from '../../src/codecs/npz.ts';
import { parseJobSpec } from '../../src/contract/job-spec.ts';
import { infer } from '../../src/engine/network/infer.ts';
import { runJob } from '../../src/jobs/run.ts';
import { parseModel } from '../../src/models/index.ts';
import { readModelText } from '../../src/models/model-text.ts';
import type { NDArray } from '../../src/ndarray.ts';
import type { Topology } from '../../src/topology/topology.ts';
import { relativeError } from '../support/model-cases.ts';
import { preparePython } from '../support/python.ts';
import { temporaryFolder } from '../support/temporary.ts';

process.env.KERAS_BACKEND = 'jax';

const folder = await temporaryFolder();
const scripts = path.join(import.meta.dirname, 'keras');
const python = await preparePython([
  'keras==3.15.0',
  'jax==0.7.2',
  'numpy>=1.26,<3',
  'h5py==3.16.0',
  'httpx==0.28.1',
  'httpx-sse==0.4.3',
]);
const skip = typeof python === 'string' ? python : false;

/** Runs a script of this folder; the client package is importable. */
async function run(script: string, ...args: string[]): Promise<string> {
  if (typeof python === 'string') throw new Error(python);
  const client = path.join(projectRoot, 'clients', 'python', 'src');
  return python.run(
    'import runpy, sys; sys.path[:0] = [sys.argv[1], sys.argv[2]]; sys.argv = sys.argv[3:]; runpy.run_path(sys.argv[0], run_name="__main__")',
    [client, scripts, path.join(scripts, script), ...args],
  );
}

const arraysOf = async (file: string) => [...(await readWeights(file)).values()] as NDArray<'float32'>[];

async function outputsOf(place: string, topology: Topology, weights: ReadonlyMap<string, NDArray>): Promise<NDArray[]> {
  const params = topology.layers.flatMap((layer) => layer.params);
  return infer(topology, checkWeights(weights, params), await arraysOf(path.join(place, 'inputs.npz')));
}

/** Initialises the network without data and publishes every format that Keras users have, with the outputs that the weights give. */
async function publish(place: string, topology: Topology): Promise<void> {
  const spec = parseJobSpec({
    model: { topology: await readModelText(path.join(place, 'model.json')) },
    method: { name: 'kaiming' },
    weights: { ref: path.join(place, 'own.weights.h5') },
    artifacts: ['safetensors', 'npz', 'keras'],
  });
  const out = path.join(place, 'out');
  const { content } = await runJob(
    spec,
    {
      sources: localSources(),
      publish: async (written, formats) => {
        await publishArtifacts(out, formats.map(artifactFormat), written);
      },
      onPhase: () => {},
    },
    {},
  );
  const outputs = await outputsOf(place, topology, content.weights);
  const named = new Map(outputs.map((output, index) => [`y${index}`, output]));
  writeFileSync(path.join(out, 'outputs.npz'), Buffer.concat([...encodeNpz(named)]));
}

before(async () => {
  if (skip === false) await run('models.py', folder);
});

test('weights of every file that Keras writes are read exactly', { skip }, async () => {
  const names = readdirSync(folder);
  assert.ok(names.length >= 10);
  for (const name of names) {
    const place = path.join(folder, name);
    const expected = await arraysOf(path.join(place, 'outputs.npz'));
    for (const model of ['model.json', 'model.keras', 'legacy.h5']) {
      const { topology } = parseModel({ topology: await readModelText(path.join(place, model)) });
      for (const file of ['model.keras', 'own.weights.h5', 'legacy.h5']) {
        const outputs = await outputsOf(place, topology, await readWeights(path.join(place, file)));
        for (const [index, output] of outputs.entries()) {
          const error = relativeError(output.data, expected[index]?.data ?? []);
          assert.ok(error < 1e-5, `${name}: ${file} into ${model}: ${error}`);
        }
      }
    }
  }
});

test('weights of a job load into models rebuilt in another process, by every documented way', { skip }, async () => {
  const names = readdirSync(folder);
  for (const name of names) {
    const place = path.join(folder, name);
    await publish(place, parseModel({ topology: await readModelText(path.join(place, 'model.json')) }).topology);
  }
  // In two of the networks variables share paths, which are no names for a mapping.
  assert.equal(Number(await run('load.py', folder)), names.length * 6 - 2);
});
