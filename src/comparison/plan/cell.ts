/** A cell: one (model, method, protocol, seed), the unit of work of a comparison, and what it yields. Plain JSON, so that it crosses processes and restarts. */
import type { JobSpec } from '../../contract/job-spec.ts';

/** Which cell of the table; positions in the lists of the specification. */
export interface CellPlace {
  readonly model: number;
  readonly training: number;
  readonly method: number;
  readonly seed: number;
}

export interface Cell extends CellPlace {
  /** Unique in the comparison, a file name: `m0-t0-k1-s2`. */
  readonly id: string;
  /** The cell as a job: initialise, then train. */
  readonly spec: JobSpec;
}

export interface EpochResult {
  /** From 1. */
  readonly epoch: number;
  /** Mean over the steps of the epoch. */
  readonly trainingLoss: number;
  /** Null when it is not finite. */
  readonly testLoss: number | null;
  /** In [0, 1]. */
  readonly testAccuracy: number;
  /** Mean over the evaluations near the end of the epoch, the one at its end included; equal to `testAccuracy` where there is one. */
  readonly meanTestAccuracy: number;
  readonly seconds: number;
}

/** What training from an initialisation gave. */
export interface TrainingResult {
  readonly start: {
    /** Mean loss of the probe: the first training samples, not augmented. */
    readonly loss: number;
    /** Global L2 norm of the loss's gradient on the probe. */
    readonly gradientNorm: number;
    /** The same for every parameter, in the order of the layers. */
    readonly gradientNorms: readonly { readonly parameter: string; readonly norm: number }[];
    readonly probeSamples: number;
  };
  /** Loss of the probe after so many steps; null when the training is shorter or its loss is not finite. */
  readonly lossAfter: Readonly<Record<'1' | '10' | '100', number | null>>;
  /** Mean loss of the training batches, averaged to at most 200 points. */
  readonly curve: readonly { readonly step: number; readonly loss: number }[];
  readonly epochs: readonly EpochResult[];
  /** Test accuracy after the first regular epoch (Acc_1) and the best after any (Acc_best), in [0, 1]. */
  readonly accuracyFirst: number;
  readonly accuracyBest: number;
  /** As `accuracyFirst`, the mean over the evaluations near the end of the epoch. */
  readonly meanAccuracyFirst: number;
  /** The step at which the loss became NaN or infinite; the accuracies that it did not reach count as chance, 1 / classes. Null when it never did. */
  readonly divergedAt: number | null;
  readonly seconds: number;
}

export interface InitialisationResult {
  readonly seconds: number;
  /** Peak resident memory of the process up to the end of the initialisation, bytes. */
  readonly peakBytes: number;
  readonly iterations: number;
  readonly scales: Readonly<Record<string, number>>;
}

export interface CellResult {
  readonly initialisation: InitialisationResult;
  readonly training: TrainingResult;
}

export type CellState =
  | { readonly status: 'pending' | 'running' | 'cancelled' }
  | { readonly status: 'done'; readonly result: CellResult }
  | { readonly status: 'failed'; readonly error: { readonly code: string; readonly message: string } };

export const isFinished = (state: CellState): boolean => state.status === 'done' || state.status === 'failed';
