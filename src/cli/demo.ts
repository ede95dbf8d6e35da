/**
 * npm run demo: a complete job on this machine. It starts the service on free ports, submits a small convolutional network with the built-in digits,
 * follows the events, downloads the weights, verifies and loads them, and stops everything.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { readWeights } from '../artifacts/read.ts';
import { type Client, createClient, type Job, type JobRequest } from '../client/index.ts';
import { AppError } from '../errors.ts';
import { abortOnSignals } from './abort-on-signals.ts';
import { curlLines, summarizeReport } from './demo-text.ts';
import { reportFailure } from './failure.ts';
import { followJob } from './follow-job.ts';
import { startService } from './service-process.ts';

const root = path.resolve(fileURLToPath(new URL('../..', import.meta.url)));
const modelFile = 'examples/models/digits-cnn.tfjs.json';
const out = path.join(root, 'out/demo');

const method = {
  name: 'gradinit',
  options: { learningRate: 0.01, iterations: 120, batchSize: 128 },
};

async function request(): Promise<JobRequest> {
  const topology = JSON.parse(await readFile(path.join(root, modelFile), 'utf8')) as Record<string, unknown>;
  return { model: { topology }, dataset: { ref: 'builtin:digits' }, method, metadata: { pipeline: 'demo' } };
}

function checkSucceeded({ id, status, error }: Job): void {
  if (status === 'succeeded') return;
  throw new AppError('JOB_STATE', `${id} is ${status}${error === null ? '' : `: ${error.code}: ${error.message}`}`);
}

/** Loads both artifacts, one of them over HTTP, and compares all weights. */
async function loadBack(client: Client, id: string): Promise<string> {
  const { tf } = await import('../engine/tf.ts');
  const model = await tf.loadLayersModel(client.artifactUrl(id, 'tfjs/model.json'));
  const weights = await readWeights(path.join(out, 'weights.safetensors'));
  for (const variable of model.weights) {
    const name = variable.originalName;
    const expected = weights.get(name);
    const values = await variable.read().data();
    if (expected === undefined || values.some((value, index) => value !== expected.data[index])) {
      throw new AppError('DOWNLOAD_CORRUPT', `${name} of the tfjs model differs from weights.safetensors`);
    }
  }
  return `tf.loadLayersModel(URL): ${model.countParams()} parameters, equal to the ${weights.size} tensors of weights.safetensors`;
}

/** Runs the steps of the demo against a running service, and prints them. */
async function runDemo(client: Client, signal: AbortSignal): Promise<void> {
  const posted = await request();
  const { id } = await client.submit(posted, { signal });
  console.log(`POST /v1/jobs: ${id}`);
  const job = await followJob(client, id, signal);
  checkSucceeded(job);
  await rm(out, { recursive: true, force: true });
  const files = await client.downloadAll(id, out, { signal });
  const report = JSON.parse(await readFile(path.join(out, 'report.json'), 'utf8')) as unknown;
  console.log(summarizeReport(report, job));
  console.log(`  downloaded: ${files.length} files with the sha256 of their listing, in ${path.relative(root, out)}`);
  console.log(`  ${await loadBack(client, id)}`);
  console.log(`\nThe same by hand, with the service running (npm start):\n\n${curlLines(modelFile, posted)}`);
}

async function main(): Promise<void> {
  const stateDir = await mkdtemp(path.join(tmpdir(), 'gradinit-demo-'));
  const { signal, release } = abortOnSignals();
  console.log(`GradInit on a convolutional network (${modelFile}) with 1,797 images of handwritten digits\n`);
  try {
    const service = await startService({ stateDir, env: { LOG_LEVEL: 'info' } });
    console.log(`service with its own queue and one worker per device: ${service.url}`);
    try {
      await runDemo(createClient({ baseUrl: service.url }), signal);
    } finally {
      await service.stop();
    }
    await rm(stateDir, { recursive: true, force: true });
    console.log('\nThe service is stopped.');
  } catch (thrown) {
    console.error(`\nThe log of the service is ${path.join(stateDir, 'service.log')}`);
    throw thrown;
  } finally {
    release();
  }
}

try {
  await main();
} catch (thrown) {
  process.exitCode = reportFailure(thrown, 1);
}
