/**
 * What weights are worth, measured by training a little from them: the loss that a few dozen steps lead to.
 *
 *   score = mean over the optimizers of the mean loss of the last quarter of `stepsPerOptimizer` steps, each on its batch, before the update
 *
 * Every training uses the same batches in the same order, at a constant rate, without weight decay: scores of different weights are comparable.
 * A loss after one step, which GradInit's objective is, says less: weights with too little signal have a low one and then hardly learn at all.
 */
import type { SampleSource } from '../../batch.ts';
import type { Topology } from '../../topology/topology.ts';
import type { Execution } from '../graph/compile.ts';
import type { Problem, Weights } from '../run.ts';
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
  readonly samples: SampleSource;
  readonly loss: NonNullable<Problem['loss']>;
  readonly optimizers: readonly ShortTrainingOptimizer[];
  readonly stepsPerOptimizer: number;
  readonly batchSize: number;
  readonly seed: number;
  readonly execution: Execution;
}

export interface ShortTraining {
  /** Of all optimizers. */
  readonly steps: number;
  /** Starts from these weights. They are copied. */
  start(weights: Weights): void;
  /** The next step. Throws DIVERGED. */
  step(): TrainingStep;
  /** Of the losses of all steps; lower is better. */
  score(losses: readonly number[]): number;
  dispose(): void;
}

const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Graphs are recorded at the first start and kept. */
export function createShortTraining(options: ShortTrainingOptions): ShortTraining {
  const { optimizers, stepsPerOptimizer } = options;
  const trainers = new Map<number, Trainer>();
  let start: Weights = new Map();
  let done = 0;

  const trainerOf = (index: number): Trainer => {
    const made = trainers.get(index);
    if (made) return made;
    const trainer = createTrainer({
      ...options,
      ...(optimizers[index] as ShortTrainingOptimizer),
      weights: start,
      schedule: { kind: 'constant' },
      groups: uniformGroups(0),
      movingStatistics: false,
    });
    trainers.set(index, trainer);
    return trainer;
  };

  return {
    steps: optimizers.length * stepsPerOptimizer,
    start(weights) {
      start = weights;
      done = 0;
    },
    step() {
      const trainer = trainerOf(Math.floor(done / stepsPerOptimizer));
      if (done % stepsPerOptimizer === 0) trainer.restart(start);
      done += 1;
      return trainer.step();
    },
    score(losses) {
      const last = Math.ceil(stepsPerOptimizer / 4);
      return meanOf(
        optimizers.map((_, index) => meanOf(losses.slice((index + 1) * stepsPerOptimizer - last).slice(0, last))),
      );
    },
    dispose() {
      for (const trainer of trainers.values()) trainer.dispose();
      trainers.clear();
    },
  };
}
