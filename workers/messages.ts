/** The messages between a worker and its child process, sent over Node's channel. */
import type { JobSpec } from '../src/contract/job-spec.ts';
import type { JobPhase } from '../src/contract/job-status.ts';
import type { CheckpointPointer } from '../src/jobs/checkpoints/checkpoints.ts';
import type { Measurement } from '../src/jobs/estimate/measure.ts';
import type { HistoryLine } from '../src/jobs/history.ts';
import type { RunNote } from '../src/jobs/run-notes.ts';

/** One execution of a job, as it is sent to the child. */
export interface RunOrder {
  readonly type: 'run';
  readonly jobId: string;
  readonly spec: JobSpec;
  /** Number of the attempt, from 1. */
  readonly attempt: number;
  /** Checkpoints of earlier attempts, newest first. */
  readonly checkpoints: readonly CheckpointPointer[];
}

export type ToChild =
  | RunOrder
  /** Stop as soon as possible: with a checkpoint when another attempt is to continue, with an artifact of the current weights when the client asked for it. */
  | { readonly type: 'stop'; readonly leave: 'nothing' | 'checkpoint' | 'artifact' }
  /** The answer to 'admit'. */
  | { readonly type: 'admitted'; readonly granted: boolean };

export type FromChild =
  /** TensorFlow is loaded, and the child can take a run. */
  | { readonly type: 'ready'; readonly backend: BackendReport }
  | { readonly type: 'phase'; readonly phase: JobPhase }
  /** Sent in phases without iterations, to show that the child has not hung. */
  | { readonly type: 'alive' }
  | {
      readonly type: 'progress';
      readonly line: HistoryLine;
      readonly secondsPerIteration: number | null;
      /** Scales by parameter, in the order of the network; null in reports without scales. */
      readonly scales: Readonly<Record<string, number>> | null;
    }
  /** A checkpoint has been stored. */
  | { readonly type: 'checkpoint'; readonly pointer: CheckpointPointer }
  /** A line for the job's log. */
  | ({ readonly type: 'log' } & RunNote)
  /** Asks, immediately before publishing, whether the artifact may be published. */
  | { readonly type: 'admit' }
  /** The artifact is published; `cut` is true for a run that was stopped early. */
  | { readonly type: 'done'; readonly cut: boolean }
  /** Time and memory of the run, sent before 'done'; not sent for a run that was resumed or stopped early. */
  | { readonly type: 'measured'; readonly key: string; readonly measurement: Measurement }
  /** The child stopped on request; nothing was published. */
  | { readonly type: 'stopped' }
  | {
      readonly type: 'failed';
      readonly code: string;
      readonly message: string;
      readonly permanent: boolean;
      readonly stack: string | null;
    };

export interface BackendReport {
  /** For example "cpu" or "NVIDIA H100 80GB HBM3". */
  readonly description: string;
  readonly gpu: boolean;
  readonly tensorflow: string;
}
