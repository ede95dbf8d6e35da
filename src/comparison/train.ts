/** Trains a network from an initialisation by the protocol and measures what the comparison asks for. Importing it loads TensorFlow. */
import type { SampleSource } from '../batch.ts';
import { baseLearningRate, epochsRun, type TrainingProtocol } from '../contract/training-protocol.ts';
import { installGradients } from '../engine/gradients/index.ts';
import { betweenIterations, type Problem, type RunControl, type Weights } from '../engine/run.ts';
import { tf } from '../engine/tf.ts';
import { createEvaluator, type Evaluator } from '../engine/training/evaluate.ts';
import type { Schedule } from '../engine/training/schedules.ts';
import { createTrainer, type Trainer, type TrainingStep } from '../engine/training/trainer.ts';
import { AppError } from '../errors.ts';
import type { Topology } from '../topology/topology.ts';
import { augment } from './augment.ts';
import { groupsOf } from './groups.ts';
import type { EpochResult, TrainingResult } from './plan/cell.ts';
import { createProbe, type ProbeReading } from './probe.ts';
import { createCurve } from './report/curve.ts';

export interface TrainRequest {
  readonly topology: Topology;
  readonly weights: Weights;
  readonly samples: SampleSource;
  readonly test: SampleSource;
  readonly loss: NonNullable<Problem['loss']>;
  readonly protocol: TrainingProtocol;
  readonly seed: number;
}

/** Enough samples for a steady loss, few enough to cost less than a step or two. */
const probeSize = 256;
const lossSteps = [1, 10, 100] as const;
/** Steps between the evaluations near the end of an epoch: far enough for other errors, near enough for the same stage of training. */
const evaluationSpacing = 10;

function scheduleOf({ schedule, warmupEpochs, epochs }: TrainingProtocol, stepsPerEpoch: number): Schedule {
  const warmUpIterations = Math.round(warmupEpochs * stepsPerEpoch);
  if (schedule === 'cosine') return { kind: 'cosine', iterations: epochs * stepsPerEpoch, warmUpIterations };
  return warmUpIterations > 0 ? { kind: 'warm-up', iterations: warmUpIterations } : { kind: 'constant' };
}

const optionsOf = ({ optimizer, momentum, beta1, beta2 }: TrainingProtocol) =>
  optimizer === 'sgd' ? { momentum } : { beta1, beta2 };

function trainerOf(
  { topology, weights, samples, loss, protocol, seed }: TrainRequest,
  execution: RunControl['execution'],
): Trainer {
  const wish = protocol.augmentation;
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
    groups: groupsOf(topology, protocol),
    ...(wish ? { augment: (batch, random) => augment(batch, wish, random) } : {}),
    seed,
    execution,
  });
}

const finite = (value: number) => (Number.isFinite(value) ? value : null);

/** One epoch of steps; the iteration at which the loss stopped being finite, or null. */
async function trainEpoch(
  trainer: Trainer,
  control: RunControl,
  onStep: (step: ReturnType<Trainer['step']>, seconds: number) => void,
  /** After a step of the epoch, counted from 1. */
  afterStep: (step: number) => Promise<void>,
): Promise<number | null> {
  for (let done = 0; done < trainer.stepsPerEpoch; done++) {
    await betweenIterations(control.signal);
    const start = performance.now();
    try {
      const step = trainer.step();
      onStep(step, (performance.now() - start) / 1000);
    } catch (cause) {
      if (cause instanceof AppError && cause.code === 'DIVERGED') return trainer.iteration() - 1;
      throw cause;
    }
    await afterStep(done + 1);
  }
  return null;
}

function summarize(epochs: readonly EpochResult[], chance: number, reading: ProbeReading, probeSamples: number) {
  const { loss, gradientNorm, gradientNorms } = reading;
  return {
    start: { loss, gradientNorm, gradientNorms, probeSamples },
    epochs,
    accuracyFirst: epochs[0]?.testAccuracy ?? chance,
    accuracyBest: Math.max(chance, ...epochs.map(({ testAccuracy }) => testAccuracy)),
    meanAccuracyFirst: epochs[0]?.meanTestAccuracy ?? chance,
  };
}

/**
 * Runs the whole protocol. A training that diverges is a result, not an error: what it would have reached counts as chance (1 / classes).
 *
 * @throws DIVERGED when loss or gradient are not finite before the first step; the reason of the signal when it aborts. Leaves no tensor behind.
 */
export async function trainFrom(request: TrainRequest, control: RunControl): Promise<TrainingResult> {
  installGradients();
  await tf.ready();
  const { topology, loss, samples, test, protocol } = request;
  const { execution } = control;
  const start = performance.now();
  const probe = createProbe({ topology, loss, samples, size: probeSize, execution });
  const trainer = trainerOf(request, execution);
  const evaluator: Evaluator = createEvaluator({ topology, loss, targets: test.targets, execution });
  try {
    const reading = probe.read(trainer.tensors());
    if (!Number.isFinite(reading.loss) || !Number.isFinite(reading.gradientNorm)) {
      throw new AppError(
        'DIVERGED',
        `before the first step the loss is ${reading.loss} and the gradient norm ${reading.gradientNorm}`,
      );
    }
    const lossAfter: Record<`${(typeof lossSteps)[number]}`, number | null> = { 1: null, 10: null, 100: null };
    const curve = createCurve(200);
    const epochs: EpochResult[] = [];
    let divergedAt: number | null = null;
    const epochCount = epochsRun(protocol);
    while (epochs.length < epochCount && divergedAt === null) {
      const epochStart = performance.now();
      let sum = 0;
      const onStep = ({ iteration, loss: value, gradientNorm }: TrainingStep, seconds: number) => {
        sum += value;
        curve.add(iteration, value);
        const after = lossSteps.find((count) => count === iteration + 1);
        if (after !== undefined) lossAfter[after] = finite(probe.read(trainer.tensors()).loss);
        const iterations = epochCount * trainer.stepsPerEpoch;
        control.onIteration({
          iteration,
          iterations,
          branch: 'training',
          loss: value,
          gradientNorm,
          objective: null,
          seconds,
        });
      };
      const evaluated: { loss: number; accuracy: number }[] = [];
      divergedAt = await trainEpoch(trainer, control, onStep, async (step) => {
        const left = trainer.stepsPerEpoch - step;
        if (left % evaluationSpacing !== 0 || left / evaluationSpacing >= protocol.evaluations) return;
        const { loss: testLoss, accuracy } = await evaluator.evaluate(trainer.tensors(), test, control.signal);
        evaluated.push({ loss: testLoss, accuracy: accuracy ?? 0 });
      });
      if (divergedAt !== null) break;
      const trainingLoss = sum / trainer.stepsPerEpoch;
      const last = evaluated.at(-1) as (typeof evaluated)[number]; // the step that ends an epoch is always evaluated
      const seconds = (performance.now() - epochStart) / 1000;
      epochs.push({
        epoch: epochs.length + 1,
        trainingLoss,
        testLoss: finite(last.loss),
        testAccuracy: last.accuracy,
        meanTestAccuracy: evaluated.reduce((sum, { accuracy }) => sum + accuracy / evaluated.length, 0),
        seconds,
      });
    }
    const chance = test.targets.kind === 'classes' ? 1 / test.targets.classes : 0;
    const isCut = divergedAt !== null;
    return {
      ...summarize(epochs, isCut ? chance : 0, reading, probe.samples),
      lossAfter,
      curve: curve.points(),
      divergedAt,
      seconds: (performance.now() - start) / 1000,
    };
  } finally {
    evaluator.dispose();
    trainer.dispose();
    probe.dispose();
  }
}
