/**
 * Trains a network by recorded steps, for the extra-epoch methods and for comparisons.
 *
 * Weights, moments and moving statistics are tensors that are passed from step to step; the host reads two numbers per iteration. A step is forward
 * pass, backward pass and update in one graph. Dropout is off, as everywhere in the engine, so that a comparison trains all its rows alike.
 */
import type { Batch, SampleSource } from '../../batch.ts';
import { AppError } from '../../errors.ts';
import { type NDArray, ndarray } from '../../ndarray.ts';
import { createRandom, type RandomStream, restoreRandom } from '../../random.ts';
import type { Topology } from '../../topology/topology.ts';
import { assertBatchFits } from '../feeding/batch-stream.ts';
import { toBatchTensors } from '../feeding/batch-tensors.ts';
import { createDraws, type Draws } from '../feeding/draws.ts';
import { batchInputs } from '../feeding/step-inputs.ts';
import { fixedInput, splitParams, weightInput, weightTensors } from '../feeding/tuned-params.ts';
import { compile, type Execution } from '../graph/compile.ts';
import type { Tensors } from '../graph/record.ts';
import { createRunLoss } from '../losses/run-loss.ts';
import { createNetwork } from '../network/network.ts';
import type { Problem, Weights } from '../run.ts';
import { type Tensor, tf } from '../tf.ts';
import { createOptimizer, type OptimizerSpec } from './optimizers/index.ts';
import type { ParamGroups } from './param-groups.ts';
import { rateAt, type Schedule } from './schedules.ts';
import { restoreTensor, saveTensor } from './tensor-state.ts';
import { numbersInput, reportOutput, slotInput, trainStep } from './train-step.ts';

export interface TrainerOptions {
  readonly topology: Topology;
  /** The initial weights, statistics included. They are copied. */
  readonly weights: Weights;
  readonly samples: SampleSource;
  readonly loss: NonNullable<Problem['loss']>;
  readonly optimizer: OptimizerSpec;
  readonly learningRate: number;
  readonly schedule: Schedule;
  readonly batchSize: number;
  /** Bound on the global gradient norm; null for none. */
  readonly clip: number | null;
  readonly groups: ParamGroups;
  /** True: moving statistics, which evaluation uses, are updated by those of the batches. Default true. */
  readonly movingStatistics?: boolean;
  /** Changes a batch before it is used (crops, flips). All random numbers come from the stream, so that runs are repeatable. */
  readonly augment?: (batch: Batch, random: RandomStream) => Batch;
  /** Seed of the order of samples and of the augmentation. */
  readonly seed: number;
  readonly execution: Execution;
}

export interface TrainingStep {
  /** Counted from 0. */
  readonly iteration: number;
  readonly loss: number;
  /** Gradient norm before clipping. */
  readonly gradientNorm: number;
  readonly learningRate: number;
}

/** The complete state, JSON except for the tensors: a trainer that is restored from it continues with the same bytes. */
export interface TrainerState {
  readonly iteration: number;
  readonly draws: unknown;
  readonly augmentation: unknown;
  /** Weights, statistics and the optimizer's state. */
  readonly tensors: Readonly<Record<string, NDArray<'float32'>>>;
}

export interface Trainer {
  /** Number of finished iterations. */
  iteration(): number;
  /** Steps of one pass over the samples; the last one may have fewer samples. */
  readonly stepsPerEpoch: number;
  /** Runs one step. Throws DIVERGED when loss or gradient norm are not finite; the weights are then those after the step. */
  step(): TrainingStep;
  state(): TrainerState;
  /** Continues from a state. Throws CHECKPOINT_MISMATCH. */
  restore(state: TrainerState): void;
  /** Starts again from other weights, as a new trainer would; with another seed or learning rate where given. */
  restart(weights: Weights, change?: { readonly seed?: number; readonly learningRate?: number }): void;
  /** The current weights, statistics included. */
  weights(): Map<string, NDArray<'float32'>>;
  /** The current weights in the form that an evaluator takes; valid until the next step. */
  tensors(): Tensors;
  dispose(): void;
}

/** Throws BATCH_TOO_LARGE, OPTION_INVALID, WEIGHTS_MISMATCH. */
export function createTrainer(options: TrainerOptions): Trainer {
  const { topology, samples, batchSize, schedule } = options;
  assertBatchFits(batchSize, samples);
  const partition = splitParams(topology);
  const optimizer = createOptimizer(options.optimizer);
  const problem = {
    network: createNetwork(topology),
    partition,
    loss: createRunLoss(options.loss, topology),
    optimizer,
    settings: partition.trainable.map(options.groups),
    clip: options.clip,
    movingStatistics: options.movingStatistics ?? true,
  };
  const compiled = compile<string>('training', (inputs) => trainStep(problem, inputs), options.execution);
  const tensors: Record<string, Tensor> = {};
  let draws: Draws;
  let random: RandomStream;
  let iteration: number;
  let learningRate: number;

  const replace = (values: Tensors) => {
    for (const [name, value] of Object.entries(values)) {
      tensors[name]?.dispose();
      tensors[name] = value;
    }
  };
  const begin: Trainer['restart'] = (weights, change = {}) => {
    const seed = change.seed ?? options.seed;
    learningRate = change.learningRate ?? options.learningRate;
    replace(weightTensors(partition, weights));
    partition.trainable.forEach(({ shape }, index) => {
      for (const slot of optimizer.slots.keys()) replace({ [slotInput(slot, index)]: tf.zeros([...shape]) });
    });
    draws = createDraws({ size: samples.size, seed, batchSize });
    random = createRandom(seed, 'augmentation');
    iteration = 0;
  };
  begin(options.weights);
  const nextBatch = () => {
    const batch = samples.gather(draws.next());
    return options.augment ? options.augment(batch, random) : batch;
  };
  /** Runs a step and replaces the tensors that changed. Returns loss and gradient norm. */
  const advance = (rate: number): [number, number] => {
    const fed = tf.tidy(() => ({
      ...batchInputs('s', toBatchTensors(nextBatch())),
      [numbersInput]: tf.tensor1d(Float32Array.from(optimizer.numbersAt(rate, iteration + 1))),
    })) as Record<string, Tensor>;
    const { [reportOutput]: report, ...changed } = compiled.run({ ...tensors, ...fed });
    const [loss, norm] = (report as Tensor).dataSync() as unknown as [number, number];
    tf.dispose([report as Tensor, ...Object.values(fed)]);
    replace(changed);
    return [loss, norm];
  };

  return {
    iteration: () => iteration,
    stepsPerEpoch: Math.ceil(samples.size / batchSize),
    step() {
      const rate = rateAt(schedule, learningRate, iteration);
      const [loss, gradientNorm] = advance(rate);
      iteration += 1;
      for (const [name, value] of Object.entries({ loss, 'gradient norm': gradientNorm })) {
        if (Number.isFinite(value)) continue;
        throw new AppError(
          'DIVERGED',
          `step ${iteration - 1}: the ${name} is ${value}; try a smaller learningRate or a clip`,
          {
            details: { quantity: name, iteration: iteration - 1 },
          },
        );
      }
      return { iteration: iteration - 1, loss, gradientNorm, learningRate: rate };
    },
    state: () => ({
      iteration,
      draws: draws.state(),
      augmentation: random.state(),
      tensors: Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, saveTensor(tensor)])),
    }),
    restore(state) {
      draws.restore(state.draws);
      random = restoreRandom(state.augmentation);
      replace(
        Object.fromEntries(
          Object.entries(tensors).map(([name, { shape }]) => [name, restoreTensor(state.tensors?.[name], shape, name)]),
        ),
      );
      iteration = state.iteration;
    },
    restart: begin,
    weights() {
      const inputOf = new Map<string, string>();
      for (const [index, { name }] of partition.trainable.entries()) inputOf.set(name, weightInput(index));
      for (const [index, { name }] of partition.fixed.entries()) inputOf.set(name, fixedInput(index));
      const read = (name: string, { shape }: NDArray<'float32'>) =>
        ndarray('float32', shape, (tensors[inputOf.get(name) as string] as Tensor).dataSync().slice() as Float32Array);
      return new Map([...options.weights].map(([name, start]) => [name, read(name, start)]));
    },
    tensors: () => Object.fromEntries(Object.entries(tensors).filter(([name]) => !name.startsWith('o'))),
    dispose() {
      compiled.dispose();
      tf.dispose(tensors);
    },
  };
}
