/**
 * What one GradInit iteration costs on this machine. Prints one JSON line per measurement with --json, a table otherwise.
 *
 *   npm run bench -- --network resnet20 [--no-bn] [--batch 128] [--repeats 3] [--eager] [--json]
 *
 * `peakGiB` is the peak resident memory of the process so far, as in the PyTorch baseline.
 */
import { parseArgs } from 'node:util';
import { tf } from '../src/engine/tf.ts';
import { type BenchNetwork, prepareSteps, type StepName, stepNames } from './steps.ts';

const { values } = parseArgs({
  options: {
    network: { type: 'string', multiple: true },
    'no-bn': { type: 'boolean', default: false },
    batch: { type: 'string', default: '128' },
    repeats: { type: 'string', default: '3' },
    eager: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

const median = (numbers: readonly number[]) =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] as number;
const peakGiB = () => process.resourceUsage().maxRSS / 2 ** 20;

interface Measurement {
  framework: string;
  network: string;
  batchNorm: boolean;
  batch: number;
  threads: number;
  step: StepName;
  seconds: number;
  peakGiB: number;
  /** The first call: recording and building included. */
  firstSeconds: number;
  leakedTensors: number;
}

function timed(run: () => void): number {
  const start = performance.now();
  run();
  return (performance.now() - start) / 1000;
}

function measure(network: BenchNetwork, repeats: number): Measurement[] {
  const prepared = prepareSteps(network, values.eager ? 'eager' : 'graph');
  const measurements = stepNames.map((step) => {
    const run = () => {
      const { result } = prepared.steps[step].run(prepared.inputs);
      result.dataSync();
      result.dispose();
    };
    const firstSeconds = timed(run);
    const before = tf.memory().numTensors;
    const seconds = median(Array.from({ length: repeats }, () => timed(run)));
    const leakedTensors = tf.memory().numTensors - before;
    return {
      framework: `gradinit tfjs ${tf.version.tfjs}${values.eager ? ' eager' : ''}`,
      network: network.name,
      batchNorm: network.batchNorm,
      batch: network.batch,
      threads: Number(process.env.TF_NUM_INTRAOP_THREADS),
      step,
      seconds: Number(seconds.toFixed(3)),
      peakGiB: Number(peakGiB().toFixed(2)),
      firstSeconds: Number(firstSeconds.toFixed(2)),
      leakedTensors,
    };
  });
  prepared.dispose();
  return measurements;
}

await tf.ready();
for (const name of values.network ?? ['resnet20', 'resnet110', 'vgg19']) {
  const rows = measure({ name, batchNorm: !values['no-bn'], batch: Number(values.batch) }, Number(values.repeats));
  if (values.json) for (const row of rows) console.log(JSON.stringify(row));
  else console.table(rows);
}
