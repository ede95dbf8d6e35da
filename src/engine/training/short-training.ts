/**
 * Judges weights by short trainings from them: the loss on held-out samples after a few dozen steps.
 *
 * Trainings with equal seeds use the same batches in the same order, at a constant rate, without weight decay, so that their losses can be compared
 * in pairs for any initial weights. The loss after a single step, which is GradInit's objective, is a worse predictor: weights with too little signal
 * have a low one and then hardly learn (Wu, Ren, Liao, Grosse: Understanding Short-Horizon Bias in Stochastic Meta-Optimization. ICLR 2018).
 */
import type { SampleSource } from '../../batch.ts';
import { AppError } from '../../errors.ts';
import type { Topology } from '../../topology/topology.ts';
import { toBatchTensors } from '../feeding/batch-tensors.ts';
import type { HeldOut } from '../feeding/held-out.ts';
import { batchInputs, batchOf, plainWeights } from '../feeding/step-inputs.ts';
import { splitParams, weightInput } from '../feeding/tuned-params.ts';
import { compile, type Execution } from '../graph/compile.ts';
import type { Tensors } from '../graph/record.ts';
import { createRunLoss } from '../losses/run-loss.ts';
import { lossOf } from '../network/loss-gradient.ts';
import { createNetwork } from '../network/network.ts';
import type { Problem, Weights } from '../run.ts';
import { scoped, type Tensor } from '../tf.ts';
import type { OptimizerSpec } from './optimizers/index.ts';
import { uniformGroups } from './param-groups.ts';
import { createTrainer, type Trainer, type TrainingStep } from './trainer.ts';

export interface ShortTrainingOptimizer {
  readonly optimizer: OptimizerSpec;
  readonly learningRate: number;
  /** Bound on the global gradient norm; null for none. */
  readonly clip: number | null;
}

export interface ShortTrainingOptions {
  readonly topology: Topology;
  /** All samples, including those of `heldOut.batches`, which are not trained on. */
  readonly samples: SampleSource;
  readonly heldOut: HeldOut;
  readonly loss: NonNullable<Problem['loss']>;
  readonly optimizers: readonly ShortTrainingOptimizer[];
  readonly batchSize: number;
  readonly execution: Execution;
}

export interface ShortTrainingSettings {
  /** Index into `optimizers`. */
  readonly optimizer: number;
  /** Factor on the rate of this optimizer. */
  readonly rateFactor: number;
  /** Seed of the order of the samples. */
  readonly seed: number;
}

export interface ShortTraining {
  /** Starts a training from these weights, which are copied. */
  start(weights: Weights, settings: ShortTrainingSettings): void;
  /** Runs the next step. Throws DIVERGED. */
  step(): TrainingStep;
  /** Mean loss of every held-out batch at the current weights, with batch statistics in batch normalisation. Throws DIVERGED. */
  heldOutLosses(): number[];
  dispose(): void;
}

/** The graph that measures a batch; `splitParams` gives the tensors the names that the trainer uses. */
function createMeasure({ topology, loss, execution }: ShortTrainingOptions) {
  const network = createNetwork(topology);
  const partition = splitParams(topology);
  const lossFunction = createRunLoss(loss, topology);
  return compile<'result'>(
    'held-out loss',
    (inputs) => {
      const theta = partition.trainable.map((_, index) => inputs[weightInput(index)] as Tensor);
      const batch = batchOf('s', inputs, network.topology.inputs.length);
      return { result: lossOf(network, plainWeights({ partition }, inputs, theta), batch, lossFunction) };
    },
    execution,
  );
}

/** Graphs are recorded when they are first used, and kept. */
export function createShortTraining(options: ShortTrainingOptions): ShortTraining {
  const { optimizers, samples, heldOut } = options;
  const trainers = new Map<number, Trainer>();
  const measure = createMeasure(options);
  let current: Trainer | null = null;

  const trainerOf = (index: number, weights: Weights): Trainer => {
    const made = trainers.get(index);
    if (made) return made;
    const trainer = createTrainer({
      ...options,
      ...(optimizers[index] as ShortTrainingOptimizer),
      samples: heldOut.training,
      batchSize: Math.min(options.batchSize, heldOut.training.size),
      weights,
      schedule: { kind: 'constant' },
      groups: uniformGroups(0),
      movingStatistics: false,
      seed: 0,
    });
    trainers.set(index, trainer);
    return trainer;
  };
  const running = (): Trainer => {
    if (!current) throw new AppError('INTERNAL', 'a short training has to be started first');
    return current;
  };
  const lossOn = (tensors: Tensors, indices: Int32Array): number =>
    scoped(() => {
      const batch = batchInputs('s', toBatchTensors(samples.gather(indices)));
      return measure.run({ ...tensors, ...batch }).result.dataSync()[0] as number;
    });

  return {
    start(weights, { optimizer, rateFactor, seed }) {
      current = trainerOf(optimizer, weights);
      const learningRate = (optimizers[optimizer] as ShortTrainingOptimizer).learningRate * rateFactor;
      current.restart(weights, { seed, learningRate });
    },
    step: () => running().step(),
    heldOutLosses() {
      const tensors = running().tensors();
      const losses = heldOut.batches.map((indices) => lossOn(tensors, indices));
      if (losses.every(Number.isFinite)) return losses;
      throw new AppError('DIVERGED', 'the loss of the held-out samples is not finite');
    },
    dispose() {
      measure.dispose();
      for (const trainer of trainers.values()) trainer.dispose();
      trainers.clear();
    },
  };
}
