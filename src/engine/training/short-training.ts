/**
 * What weights are worth, measured by training a little from them: the loss on held-out samples after a few dozen steps.
 *
 * Trainings with equal seeds use the same batches in the same order, at a constant rate, without weight decay: their losses can be compared pair by
 * pair, whatever weights they began with. The loss after one step, which GradInit's objective is, looks less far: weights with too little signal have
 * a low one and then hardly learn (Wu, Ren, Liao, Grosse: Understanding Short-Horizon Bias in Stochastic Meta-Optimization. ICLR 2018).
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
import { createLoss } from '../losses/index.ts';
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
  /** All samples: those of `heldOut.batches` are taken from them. */
  readonly samples: SampleSource;
  readonly heldOut: HeldOut;
  readonly loss: NonNullable<Problem['loss']>;
  readonly optimizers: readonly ShortTrainingOptimizer[];
  readonly batchSize: number;
  readonly execution: Execution;
}

export interface ShortTrainingWish {
  /** Position in `optimizers`. */
  readonly optimizer: number;
  /** Times the rate of that optimizer. */
  readonly rateFactor: number;
  /** Of the order of the samples. */
  readonly seed: number;
}

export interface ShortTraining {
  /** Starts from these weights, which are copied. */
  start(weights: Weights, wish: ShortTrainingWish): void;
  /** The next step. Throws DIVERGED. */
  step(): TrainingStep;
  /** Mean loss of every held-out batch at the current weights, batch normalisation on the batch's own statistics. Throws DIVERGED. */
  heldOutLosses(): number[];
  dispose(): void;
}

/** The graph that measures a batch; `splitParams` is also what the trainer names its tensors by. */
function createMeasure({ topology, loss, execution }: ShortTrainingOptions) {
  const network = createNetwork(topology);
  const partition = splitParams(topology);
  const lossFunction = createLoss(loss.name, loss.options);
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

/** Graphs are recorded when they are first needed, and kept. */
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
