/** Measurements of a training: the losses of the steps, the probe's loss after some of them, the evaluations of each epoch. The state is plain JSON. */
import { type Curve, type CurveState, createCurve } from './curve.ts';
import type { ProbeReading } from './probe.ts';
import type { EpochResult, TrainingResult } from './result.ts';

/** Loss and accuracy on the test samples. */
export interface TestReading {
  readonly loss: number | null;
  readonly accuracy: number;
}

export interface MeasurementState {
  readonly start: ProbeReading;
  readonly lossAfter: TrainingResult['lossAfter'];
  readonly curve: CurveState;
  readonly epochs: readonly EpochResult[];
  /** Sum of the losses in the current epoch. */
  readonly lossSum: number;
  readonly evaluated: readonly TestReading[];
  readonly epochSeconds: number;
  /** Duration of the whole training, in seconds. */
  readonly seconds: number;
}

export interface Measurements {
  /** Records a step. `readProbe` is called only after the steps whose probe loss is reported. */
  addStep(iteration: number, loss: number, readProbe: () => number): void;
  /** Number of evaluations in the current epoch. */
  evaluations(): number;
  addEvaluation(reading: { readonly loss: number; readonly accuracy: number | null }): void;
  /** Ends the current epoch, after its last step and evaluation. */
  endEpoch(steps: number): void;
  epochs(): number;
  state(): MeasurementState;
  /** @param divergedAt as in TrainingResult @param chance the accuracy that replaces those that were not reached */
  result(probeSamples: number, divergedAt: number | null, chance: number): TrainingResult;
}

const probedSteps = [1, 10, 100] as const;
const curvePoints = 200;

/** JSON has no NaN, so that values that are not finite become null. */
const finite = (value: number | null) => (value !== null && Number.isFinite(value) ? value : null);
const secondsSince = (start: number) => (performance.now() - start) / 1000;

/** The initial state of the measurements of a training. */
export const noMeasurements = (start: ProbeReading): MeasurementState => ({
  start,
  lossAfter: { 1: null, 10: null, 100: null },
  curve: { points: [], width: 1, pending: [] },
  epochs: [],
  lossSum: 0,
  evaluated: [],
  epochSeconds: 0,
  seconds: 0,
});

/** @param from `noMeasurements`, or the state of an earlier process, whose seconds are continued */
export function createMeasurements(from: MeasurementState): Measurements {
  const startedAt = performance.now();
  const curve: Curve = createCurve(curvePoints, from.curve);
  const lossAfter = { ...from.lossAfter };
  const epochs = [...from.epochs];
  let { lossSum } = from;
  let evaluated = [...from.evaluated];
  let epoch = { startedAt, before: from.epochSeconds };
  const epochSeconds = () => epoch.before + secondsSince(epoch.startedAt);
  const seconds = () => from.seconds + secondsSince(startedAt);

  return {
    addStep(iteration, loss, readProbe) {
      lossSum += loss;
      curve.add(iteration, loss);
      const probed = probedSteps.find((count) => count === iteration + 1);
      if (probed !== undefined) lossAfter[probed] = finite(readProbe());
    },
    evaluations: () => evaluated.length,
    addEvaluation({ loss, accuracy }) {
      evaluated.push({ loss: finite(loss), accuracy: accuracy ?? 0 });
    },
    endEpoch(steps) {
      const last = evaluated.at(-1) as TestReading; // an epoch ends with an evaluation
      epochs.push({
        epoch: epochs.length + 1,
        trainingLoss: lossSum / steps,
        testLoss: last.loss,
        testAccuracy: last.accuracy,
        meanTestAccuracy: evaluated.reduce((sum, { accuracy }) => sum + accuracy / evaluated.length, 0),
        seconds: epochSeconds(),
      });
      lossSum = 0;
      evaluated = [];
      epoch = { startedAt: performance.now(), before: 0 };
    },
    epochs: () => epochs.length,
    state: () => ({
      start: from.start,
      lossAfter: { ...lossAfter },
      curve: curve.state(),
      epochs: [...epochs],
      lossSum,
      evaluated: [...evaluated],
      epochSeconds: epochSeconds(),
      seconds: seconds(),
    }),
    result: (probeSamples, divergedAt, chance) => ({
      start: { ...from.start, probeSamples },
      epochs,
      accuracyFirst: epochs[0]?.testAccuracy ?? chance,
      accuracyBest: Math.max(chance, ...epochs.map(({ testAccuracy }) => testAccuracy)),
      meanAccuracyFirst: epochs[0]?.meanTestAccuracy ?? chance,
      lossAfter,
      curve: curve.points(),
      divergedAt,
      seconds: seconds(),
    }),
  };
}
