/** Measures the four steps of one network in this process. */
import { tensorFlowBackend } from '../src/engine/graph/binding.ts';
import { tf } from '../src/engine/tf.ts';
import type { Device } from './device.ts';
import { type StepName, stepNames } from './step-names.ts';
import { type BenchNetwork, prepareSteps } from './steps.ts';

/** One line of output; its first eight keys are those of the PyTorch baseline. */
export interface Measurement {
  readonly framework: string;
  readonly network: string;
  readonly batchNorm: boolean;
  readonly batch: number;
  readonly device?: Device;
  readonly threads: number;
  readonly step: StepName;
  /** The form of the computation, for frameworks with several ones. */
  readonly form?: string;
  /** Median of the repeated runs. */
  readonly seconds: number;
  /** Peak resident memory of the process so far. */
  readonly peakGiB: number;
  /** Duration of the first call, which records and builds the graph. */
  readonly firstSeconds?: number;
  readonly leakedTensors?: number;
}

export interface MeasureOptions {
  readonly repeats: number;
  readonly eager: boolean;
  readonly steps: readonly StepName[];
  readonly device: Device | null;
}

export const median = (numbers: readonly number[]) =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;

function timed(run: () => void): number {
  const start = performance.now();
  run();
  return (performance.now() - start) / 1000;
}

/** @param onMeasured called after each step */
export async function measure(
  network: BenchNetwork,
  options: MeasureOptions,
  onMeasured: (measurement: Measurement) => void,
): Promise<void> {
  await tf.ready();
  const { isUsingGpuDevice } = tensorFlowBackend();
  if (options.device === 'gpu' && !isUsingGpuDevice)
    throw new Error('TensorFlow uses no GPU here; `npm run gradinit -- doctor` says why');
  const prepared = prepareSteps(network, options.eager ? 'eager' : 'graph');
  for (const step of stepNames.filter((name) => options.steps.includes(name))) {
    const run = () => {
      const { result } = prepared.steps[step].run(prepared.inputs);
      result.dataSync();
      result.dispose();
    };
    const firstSeconds = timed(run);
    const before = tf.memory().numTensors;
    const seconds = median(Array.from({ length: options.repeats }, () => timed(run)));
    onMeasured({
      framework: `gradinit tfjs ${tf.version.tfjs}${options.eager ? ' eager' : ''}`,
      network: network.name,
      batchNorm: network.batchNorm,
      batch: network.batch,
      device: isUsingGpuDevice ? 'gpu' : 'cpu',
      threads: Number(process.env.TF_NUM_INTRAOP_THREADS),
      step,
      seconds: Number(seconds.toFixed(3)),
      peakGiB: Number((process.resourceUsage().maxRSS / 2 ** 20).toFixed(2)),
      firstSeconds: Number(firstSeconds.toFixed(2)),
      leakedTensors: tf.memory().numTensors - before,
    });
    // The graph is freed, so that it does not count in the memory of the next step.
    prepared.steps[step].dispose();
  }
  prepared.dispose();
}
