/** What a worker and its child say to each other, over Node's channel between processes. */
import type { JobSpec } from '../src/contract/job-spec.ts';
import type { JobPhase } from '../src/contract/job-status.ts';
import type { CheckpointPointer } from '../src/jobs/checkpoints/checkpoints.ts';
import type { Measurement } from '../src/jobs/estimate/measure.ts';
import type { HistoryLine } from '../src/jobs/history.ts';
import type { RunNote } from '../src/jobs/run-notes.ts';

/** One execution, as the child gets it. */
export interface RunOrder {
  readonly type: 'run';
  readonly jobId: string;
  readonly spec: JobSpec;
  /** From 1. */
  readonly attempt: number;
  /** Of earlier attempts, newest first. */
  readonly checkpoints: readonly CheckpointPointer[];
}

export type ToChild =
  | RunOrder
  /** Stop at the next chance; with a checkpoint when another attempt shall go on, with an artifact of what there is when that is wanted. */
  | { readonly type: 'stop'; readonly leave: 'nothing' | 'checkpoint' | 'artifact' }
  /** The answer to 'admit'. */
  | { readonly type: 'admitted'; readonly granted: boolean };

export type FromChild =
  /** TensorFlow is loaded: the child can take a run. */
  | { readonly type: 'ready'; readonly backend: BackendReport }
  | { readonly type: 'phase'; readonly phase: JobPhase }
  /** Shows that a phase without iterations still moves. */
  | { readonly type: 'alive' }
  | {
      readonly type: 'progress';
      readonly line: HistoryLine;
      readonly secondsPerIteration: number | null;
      /** By parameter, in the network's order; null where they are left out. */
      readonly scales: Readonly<Record<string, number>> | null;
    }
  /** A checkpoint is in the store. */
  | { readonly type: 'checkpoint'; readonly pointer: CheckpointPointer }
  /** A line for the job's log. */
  | ({ readonly type: 'log' } & RunNote)
  /** May the artifact be published? Asked in the last moment. */
  | { readonly type: 'admit' }
  /** The artifact is published; `cut`: of a run that was cut short. */
  | { readonly type: 'done'; readonly cut: boolean }
  /** What the run took, said before 'done'; not of one that was resumed or cut short. */
  | { readonly type: 'measured'; readonly key: string; readonly measurement: Measurement }
  /** It stopped because it was told to; nothing was published. */
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
