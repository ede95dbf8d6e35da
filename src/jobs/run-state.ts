/** How far a job has got, for a later attempt: JSON but for the arrays of numbers. */
import type { InitializeResult } from '../engine/index.ts';
import { AppError } from '../errors.ts';
import type { NDArray } from '../ndarray.ts';
import type { TrainingResult } from '../training/result.ts';
import type { HistoryLine } from './history.ts';

type Stage<Result> =
  | { readonly done: true; readonly result: Result }
  /** What the method or the training gave to `saveState`; null before its first iteration. */
  | { readonly done: false; readonly state: unknown };

export interface RunState {
  /** Of the initialisation, one line for each iteration. */
  readonly history: readonly HistoryLine[];
  readonly initialization: Stage<SavedInitialization>;
  readonly training: Stage<TrainingResult>;
}

/** Pairs instead of a map: the order of the parameters counts. */
interface SavedInitialization extends Omit<InitializeResult, 'weights'> {
  readonly weights: readonly (readonly [string, NDArray<'float32'>])[];
}

const untrained = { done: false, state: null } as const;

const freshRun: RunState = { history: [], initialization: { done: false, state: null }, training: untrained };

export const initializing = (state: unknown, history: readonly HistoryLine[]): RunState => ({
  history: [...history],
  initialization: { done: false, state },
  training: untrained,
});

/** After the initialisation; `training` is the state of the training, if the job has one. */
export const initialized = (
  { weights, ...rest }: InitializeResult,
  history: readonly HistoryLine[],
  training: RunState['training'] = untrained,
): RunState => ({
  history: [...history],
  initialization: { done: true, result: { ...rest, weights: [...weights] } },
  training,
});

/** The finished initialisation; null when it is not finished. */
export function initializationOf({ initialization }: RunState): InitializeResult | null {
  if (!initialization.done) return null;
  const { weights, ...rest } = initialization.result;
  return { ...rest, weights: new Map(weights) };
}

/** The state of a checkpoint, or of a run that begins. Throws CHECKPOINT_MISMATCH. */
export function readRunState(resume: unknown): RunState {
  if (resume === null || resume === undefined) return freshRun;
  const { history, initialization, training } = resume as Partial<RunState>;
  if (!Array.isArray(history) || typeof initialization?.done !== 'boolean' || typeof training?.done !== 'boolean')
    throw new AppError('CHECKPOINT_MISMATCH', 'the saved state is not one of a job');
  return { history, initialization, training };
}
