/**
 * The state of a network before its first training step, on one batch of its data.
 *
 *   signal    mean and standard deviation of the output of every weighted layer and activation, from front to back
 *   dead      share of the units of a rectifier that are zero on every sample
 *   gradient  ||dL/dW||_2 of every parameter
 *   critical  the largest rate h with L(theta - h g) <= L(theta) on the batch, g = dL/dtheta, to a factor of 2^(1/4); sharpness along g is 2 / h
 *
 * Batch normalisation uses the statistics of the batch, dropout is off.
 *
 * Critical rate: Kalra, Barkeshli: Why Warmup the Learning Rate? NeurIPS 2024 (loss catapult); Gilmer et al.: A Loss Curvature Perspective on Training
 * Instability in Deep Learning. ICLR 2022.
 */
import type { Batch } from '../../../batch.ts';
import { activationOf, outputKernels } from '../../../topology/structure/output-kernel.ts';
import type { Layer } from '../../../topology/topology.ts';
import { toBatchTensors } from '../../feeding/batch-tensors.ts';
import { batchInputs, batchOf, weightMap } from '../../feeding/step-inputs.ts';
import { splitParams, weightInput, weightTensors } from '../../feeding/tuned-params.ts';
import { compile, type Execution } from '../../graph/compile.ts';
import { createRunLoss } from '../../losses/run-loss.ts';
import { differentiate, lossOf } from '../../network/loss-gradient.ts';
import { createNetwork } from '../../network/network.ts';
import { plainWeight } from '../../network/weights.ts';
import { betweenIterations, type Problem } from '../../run.ts';
import { scoped, type Tensor, tf } from '../../tf.ts';
import { forwardLayer, walkLayers } from '../layer-walk.ts';

export interface LayerReading {
  readonly layer: string;
  readonly mean: number | null;
  readonly std: number | null;
  /** Share of the units that are zero on every sample of the batch; null where the layer does not end in a rectifier. */
  readonly deadUnits: number | null;
}

export interface Diagnosis {
  readonly samples: number;
  readonly loss: number | null;
  readonly gradientNorm: number | null;
  readonly layers: readonly LayerReading[];
  readonly gradients: readonly { readonly parameter: string; readonly norm: number | null }[];
  /** Largest step along the negative gradient that does not raise the loss of the batch; null where none was found. */
  readonly criticalRate: number | null;
  /** Curvature of the loss along the gradient that corresponds to the critical rate. */
  readonly sharpness: number | null;
  /** Notable observations as sentences. */
  readonly remarks: readonly string[];
}

const finite = (value: number | undefined): number | null =>
  value !== undefined && Number.isFinite(value) ? value : null;

const isRectifier = (layer: Layer) => layer.className === 'ReLU' || /^relu6?$/.test(activationOf(layer));
const isActivation = ({ className }: Layer) => /^(Activation|ReLU|LeakyReLU|ELU|PReLU)$/.test(className);

/** The share of units of the last axis whose largest value is not above zero. */
function deadShare(output: Tensor): number {
  const others = output.shape.map((_, axis) => axis).slice(0, -1);
  const dead = tf.lessEqual(tf.max(output, others), 0);
  return tf.mean(tf.cast(dead, 'float32')).dataSync()[0] as number;
}

async function readLayers({ topology, weights }: Problem, batch: Batch, signal: AbortSignal): Promise<LayerReading[]> {
  const readings: LayerReading[] = [];
  const arrays = new Map(weights);
  await walkLayers(
    topology,
    arrays,
    batch,
    async (call) => {
      if (outputKernels(call.layer).length === 0 && !isActivation(call.layer)) return;
      await betweenIterations(signal);
      readings.push(
        scoped(() => {
          const output = tf.cast(forwardLayer(call, arrays, 'batch'), 'float32');
          const { mean, variance } = tf.moments(output);
          return {
            layer: call.layer.name,
            mean: finite(mean.dataSync()[0]),
            std: finite(Math.sqrt(variance.dataSync()[0] as number)),
            deadUnits: isRectifier(call.layer) && output.rank > 1 ? deadShare(output) : null,
          };
        }),
      );
    },
    'batch',
  );
  return readings;
}

/** Loss, gradient norms by parameter, and the loss after a step of `rate` along the negative gradient. */
function createStep(problem: Problem, execution: Execution) {
  const { topology, loss } = problem;
  const network = createNetwork(topology);
  const partition = splitParams(topology);
  const lossFunction = createRunLoss(loss as NonNullable<Problem['loss']>, topology);
  const step = compile(
    'diagnosis',
    (inputs) => {
      const batch = batchOf('s', inputs, topology.inputs.length);
      const lossAt = (theta: readonly Tensor[]) =>
        lossOf(
          network,
          weightMap({ partition }, inputs, (index) => plainWeight(theta[index] as Tensor)),
          batch,
          lossFunction,
        );
      const theta = partition.trainable.map((_, index) => inputs[weightInput(index)] as Tensor);
      const { loss: value, gradients } = differentiate(() => lossAt(theta), theta);
      const moved = theta.map((weight, index) => {
        const gradient = gradients[index];
        return gradient ? tf.sub(weight, tf.mul(gradient, inputs.rate as Tensor)) : weight;
      });
      const norms = gradients.map((gradient) => (gradient ? tf.sqrt(tf.sum(tf.square(gradient))) : tf.scalar(0)));
      return { result: tf.stack([value, lossAt(moved), ...norms]) };
    },
    execution,
  );
  return { step, partition };
}

const largestTries = 40;
const finerSteps = 2;

/** @param lossAt loss after a step of that rate @param first the rate at which the search begins */
export function findCriticalRate(lossAt: (rate: number) => number, before: number, first: number): number | null {
  const holds = (rate: number) => lossAt(rate) <= before;
  let rate = first;
  const up = holds(rate);
  for (let count = 0; count < largestTries; count++) {
    const next = up ? rate * 2 : rate / 2;
    if (holds(next) !== up) {
      let [low, high] = up ? [rate, next] : [next, rate];
      for (let finer = 0; finer < finerSteps; finer++) {
        const middle = Math.sqrt(low * high);
        if (holds(middle)) low = middle;
        else high = middle;
      }
      return low;
    }
    rate = next;
  }
  return null;
}

function remarksOf(layers: readonly LayerReading[], { gradients }: Pick<Diagnosis, 'gradients'>): string[] {
  const stds = layers.map(({ std }) => std).filter((std) => std !== null);
  const remarks: string[] = [];
  if (stds.length < layers.length) remarks.push('the signal is not finite in some layers');
  const [first = 1, last = 1] = [stds[0], stds.at(-1)];
  if (last < first / 10)
    remarks.push(`the signal shrinks from ${first.toPrecision(2)} to ${last.toPrecision(2)} with depth`);
  if (last > first * 10)
    remarks.push(`the signal grows from ${first.toPrecision(2)} to ${last.toPrecision(2)} with depth`);
  const dead = layers.filter(({ deadUnits }) => (deadUnits ?? 0) > 0.1);
  if (dead.length > 0)
    remarks.push(`more than a tenth of the units are dead in ${dead.map(({ layer }) => layer).join(', ')}`);
  const kernels = gradients.filter(({ parameter, norm }) => parameter.endsWith('kernel') && norm !== null);
  const norms = kernels.map(({ norm }) => norm as number);
  const still = kernels.filter(({ norm }) => norm === 0).map(({ parameter }) => parameter);
  if (still.length > 0) remarks.push(`no gradient reaches ${still.join(', ')}`);
  const moving = norms.filter((norm) => norm > 0);
  const spread = Math.max(...moving) / Math.min(...moving);
  if (moving.length > 1 && spread > 100)
    remarks.push(`gradient norms of kernels differ by a factor of ${spread.toPrecision(2)}`);
  return remarks;
}

/** Throws the errors of layers; no tensor is left allocated. */
export async function diagnose(
  problem: Problem,
  batch: Batch,
  execution: Execution,
  signal: AbortSignal,
): Promise<Diagnosis> {
  const layers = await readLayers(problem, batch, signal);
  const { step, partition } = createStep(problem, execution);
  const read = (rate: number): number[] =>
    scoped(() => {
      const inputs = {
        ...batchInputs('s', toBatchTensors(batch)),
        ...weightTensors(partition, problem.weights),
        rate: tf.scalar(rate),
      };
      return Array.from(step.run(inputs).result.dataSync());
    });
  try {
    const [loss, , ...norms] = read(0);
    const gradients = partition.trainable.map(({ name }, index) => ({ parameter: name, norm: finite(norms[index]) }));
    const gradientNorm = finite(Math.sqrt(norms.reduce((sum, norm) => sum + norm ** 2, 0)));
    const usable = loss !== undefined && Number.isFinite(loss) && gradientNorm !== null && gradientNorm > 0;
    // The search begins at the step at which a linear loss would reach zero.
    const criticalRate = usable
      ? findCriticalRate((rate) => read(rate)[1] ?? Number.NaN, loss, Math.max(loss, 1e-6) / gradientNorm ** 2)
      : null;
    return {
      samples: batch.targets.shape[0] ?? 0,
      loss: finite(loss),
      gradientNorm,
      layers,
      gradients,
      criticalRate,
      sharpness: criticalRate === null ? null : 2 / criticalRate,
      remarks: remarksOf(layers, { gradients }),
    };
  } finally {
    step.dispose();
  }
}
