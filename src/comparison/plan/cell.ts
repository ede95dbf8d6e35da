/**
 * A cell: one (model, method, protocol, seed), the unit of work of a comparison, and its result. Both are plain JSON, so that they can be stored and
 * sent between processes.
 */
import type { JobSpec } from '../../contract/job-spec.ts';
import type { TrainingResult } from '../../training/result.ts';

/** The place of a cell in the table, as positions in the lists of the specification. */
export interface CellPlace {
  readonly model: number;
  readonly training: number;
  readonly method: number;
  readonly seed: number;
}

export interface Cell extends CellPlace {
  /** Unique in the comparison and usable as a file name: `m0-t0-k1-s2`. */
  readonly id: string;
  /** The specification of the cell's job, which initialises and then trains. */
  readonly spec: JobSpec;
}

export interface InitialisationResult {
  readonly seconds: number;
  /** Peak resident memory of the process until the end of the initialisation, in bytes. */
  readonly peakBytes: number;
  readonly iterations: number;
  readonly scales: Readonly<Record<string, number>>;
}

export interface CellResult {
  readonly initialisation: InitialisationResult;
  readonly training: TrainingResult;
  /** A description of the machine that computed it; null where its report has none. */
  readonly machine: string | null;
}

export type CellState =
  | { readonly status: 'pending' | 'running' | 'cancelled' }
  | { readonly status: 'done'; readonly result: CellResult }
  | { readonly status: 'failed'; readonly error: { readonly code: string; readonly message: string } };

export const isFinished = (state: CellState): boolean => state.status === 'done' || state.status === 'failed';
