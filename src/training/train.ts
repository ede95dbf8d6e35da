/** Trains a network from an initialisation by the protocol and takes the measurements of a comparison. Importing it loads TensorFlow. */
import { epochsRun } from '../contract/training-protocol.ts';
import { installGradients } from '../engine/gradients/index.ts';
import { betweenIterations, type RunControl } from '../engine/run.ts';
import { tf } from '../engine/tf.ts';
import { createEvaluator } from '../engine/training/evaluate.ts';
import type { Trainer, TrainerState } from '../engine/training/trainer.ts';
import { AppError } from '../errors.ts';
import { createMeasurements, type MeasurementState, type Measurements, noMeasurements } from './measurements.ts';
import { createProbe, type Probe, type ProbeReading } from './probe.ts';
import { createProtocolTrainer, type TrainRequest } from './protocol-trainer.ts';
import type { TrainingResult } from './result.ts';

export type { TrainRequest } from './protocol-trainer.ts';

/** The complete state, JSON except for typed arrays: a training that is restored from it gives the same numbers as an uninterrupted one, except durations. */
interface TrainingState {
  readonly trainer: TrainerState;
  readonly measurements: MeasurementState;
}

/** Number of probe samples: enough for a loss with little noise, few enough to cost less than one or two steps. */
const probeSize = 256;
/** Number of steps between the evaluations near the end of an epoch: enough for their errors to differ, few enough to be at the same stage of training. */
const evaluationSpacing = 10;

/** How many of an epoch's evaluations are due after `step` of its steps; the last one is due after the last step. */
function evaluationsDue(step: number, stepsPerEpoch: number, evaluations: number): number {
  let due = 0;
  for (let before = 0; before < evaluations; before++) {
    const place = stepsPerEpoch - before * evaluationSpacing;
    if (place >= 1 && place <= step) due += 1;
  }
  return due;
}

/** The probe before the first step. Throws DIVERGED when it is not finite, because such a network cannot be trained. */
function readStart(probe: Probe, trainer: Trainer): ProbeReading {
  const reading = probe.read(trainer.tensors());
  if (Number.isFinite(reading.loss) && Number.isFinite(reading.gradientNorm)) return reading;
  const message = `before the first step the loss is ${reading.loss} and the gradient norm ${reading.gradientNorm}`;
  throw new AppError('DIVERGED', message);
}

function restored(resume: unknown, trainer: Trainer): Measurements | null {
  if (resume === null || resume === undefined) return null;
  const { trainer: state, measurements } = resume as TrainingState;
  if (!state || !measurements) throw new AppError('CHECKPOINT_MISMATCH', 'the saved state is not one of a training');
  trainer.restore(state);
  return createMeasurements(measurements);
}

/**
 * Runs the whole protocol. A training that diverges is a result, not an error: the accuracies that it did not reach count as chance, 1 / classes.
 *
 * @param control `resume` takes a state that `saveState` received in an earlier training of the same request
 * @throws DIVERGED when loss or gradient are not finite before the first step; CHECKPOINT_MISMATCH; the reason of the signal when it aborts. No
 * tensor is left allocated.
 */
export async function trainFrom(request: TrainRequest, control: RunControl): Promise<TrainingResult> {
  installGradients();
  await tf.ready();
  const { topology, loss, samples, test, protocol } = request;
  const { execution } = control;
  const probe = createProbe({ topology, loss, samples, size: probeSize, execution });
  const trainer = createProtocolTrainer(request, execution);
  const evaluator = createEvaluator({ topology, loss, targets: test.targets, execution });
  const { stepsPerEpoch } = trainer;
  const epochs = epochsRun(protocol);
  try {
    const measured = restored(control.resume, trainer) ?? createMeasurements(noMeasurements(readStart(probe, trainer)));
    const readProbe = () => probe.read(trainer.tensors()).loss;
    /** Saves the state from which the run continues; called whenever the run may stop. */
    const save = () =>
      control.saveState((): TrainingState => ({ trainer: trainer.state(), measurements: measured.state() }));
    let divergedAt: number | null = null;
    while (measured.epochs() < epochs && divergedAt === null) {
      await betweenIterations(control.signal);
      const step = trainer.iteration() - measured.epochs() * stepsPerEpoch;
      if (measured.evaluations() < evaluationsDue(step, stepsPerEpoch, protocol.evaluations))
        measured.addEvaluation(await evaluator.evaluate(trainer.tensors(), test, control.signal));
      else if (step === stepsPerEpoch) measured.endEpoch(stepsPerEpoch);
      else divergedAt = advance(trainer, measured, readProbe, epochs * stepsPerEpoch, control);
      save();
    }
    const chance = divergedAt !== null && test.targets.kind === 'classes' ? 1 / test.targets.classes : 0;
    const result = measured.result(probe.samples, divergedAt, chance);
    if (!request.selection) return result;
    if (divergedAt !== null) return { ...result, selection: null };
    const { loss: value, ...reading } = await evaluator.evaluate(trainer.tensors(), request.selection, control.signal);
    return { ...result, selection: { ...reading, loss: Number.isFinite(value) ? value : null } };
  } finally {
    evaluator.dispose();
    trainer.dispose();
    probe.dispose();
  }
}

/** Runs one step. Returns the step's number when the loss is not finite, else null. */
function advance(
  trainer: Trainer,
  measured: Measurements,
  readProbe: () => number,
  iterations: number,
  control: RunControl,
): number | null {
  const start = performance.now();
  try {
    const { iteration, loss, gradientNorm } = trainer.step();
    const seconds = (performance.now() - start) / 1000;
    measured.addStep(iteration, loss, readProbe);
    control.onIteration({ iteration, iterations, branch: 'training', loss, gradientNorm, objective: null, seconds });
    return null;
  } catch (cause) {
    if (cause instanceof AppError && cause.code === 'DIVERGED') return trainer.iteration() - 1;
    throw cause;
  }
}
