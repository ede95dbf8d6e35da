/** Creates a trainer of the engine from a training protocol. Importing it loads TensorFlow. */
import type { SampleSource } from '../batch.ts';
import { baseLearningRate, type TrainingProtocol } from '../contract/training-protocol.ts';
import type { LearningRateMultipliers, Problem, RunControl, Weights } from '../engine/run.ts';
import { multiplied } from '../engine/training/param-groups.ts';
import type { Schedule } from '../engine/training/schedules.ts';
import { createTrainer, type Trainer } from '../engine/training/trainer.ts';
import { graphOf } from '../topology/operation-graph/build.ts';
import type { Topology } from '../topology/topology.ts';
import { augment, type ChannelOrder } from './augment.ts';
import { groupsOf } from './groups.ts';

export interface TrainRequest {
  readonly topology: Topology;
  /** The initial weights, moving statistics included. */
  readonly weights: Weights;
  readonly samples: SampleSource;
  /** The samples on which accuracy is measured. */
  readonly test: SampleSource;
  /** The samples, different from `test`, by which one of several trainings is chosen at the end. Null: nothing is chosen. */
  readonly selection?: SampleSource | null;
  readonly loss: NonNullable<Problem['loss']>;
  readonly protocol: TrainingProtocol;
  readonly seed: number;
  /** Learning-rate factors that belong to the weights; those for the protocol's optimizer are used. */
  readonly multipliers?: LearningRateMultipliers | undefined;
}

function scheduleOf({ schedule, warmupEpochs, epochs }: TrainingProtocol, stepsPerEpoch: number): Schedule {
  const warmUpIterations = Math.round(warmupEpochs * stepsPerEpoch);
  if (schedule === 'cosine') return { kind: 'cosine', iterations: epochs * stepsPerEpoch, warmUpIterations };
  return warmUpIterations > 0 ? { kind: 'warm-up', iterations: warmUpIterations } : { kind: 'constant' };
}

const optionsOf = ({ optimizer, momentum, beta1, beta2 }: TrainingProtocol) =>
  optimizer === 'sgd' ? { momentum } : { beta1, beta2 };

/** Graphs of operations have PyTorch's order, unless the last extent is one of channels and the first is none. */
function channelOrder(topology: Topology): ChannelOrder {
  const [first = 0, , last = 0] = graphOf(topology)?.inputs[0]?.example.slice(1) ?? [];
  const isLast = first === 0 || (last <= mostChannels && first > mostChannels);
  return isLast ? 'last' : 'first';
}

const mostChannels = 4;

/** Throws the errors of `createTrainer`. */
export function createProtocolTrainer(
  { topology, weights, samples, loss, protocol, seed, multipliers }: TrainRequest,
  execution: RunControl['execution'],
): Trainer {
  const { augmentation } = protocol;
  const order = channelOrder(topology);
  return createTrainer({
    topology,
    weights,
    samples,
    loss,
    optimizer: { name: protocol.optimizer, options: optionsOf(protocol) },
    learningRate: baseLearningRate(protocol),
    schedule: scheduleOf(protocol, Math.ceil(samples.size / protocol.batchSize)),
    batchSize: protocol.batchSize,
    clip: protocol.gradientClip,
    groups: multiplied(groupsOf(topology, protocol), multipliers?.[protocol.optimizer]),
    ...(augmentation ? { augment: (batch, random) => augment(batch, augmentation, random, order) } : {}),
    seed,
    execution,
  });
}
