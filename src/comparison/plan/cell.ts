/** A cell: one (model, method, protocol, seed), the unit of work of a comparison, and what it yields. Plain JSON, so that it crosses processes and restarts. */
import type { JobSpec } from '../../contract/job-spec.ts';
import type { TrainingResult } from '../../training/result.ts';

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
