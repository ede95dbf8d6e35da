/** The order in which samples are drawn: a seeded shuffle that is read in chunks, and a new shuffle after each pass. */
import { AppError } from '../../errors.ts';
import { createRandom, type RandomState, restoreRandom, shuffle } from '../../random.ts';

export interface Draws {
  /** Indices of the next chunk. The last chunk of an epoch may be short. */
  next(): Int32Array;
  /** Number of chunks left for recorded draws; otherwise Infinity. */
  left(): number;
  /** The state as plain JSON. */
  state(): unknown;
  /** Continues from `state`. Throws CHECKPOINT_MISMATCH. */
  restore(state: unknown): void;
}

export interface DrawOptions {
  /** Number of samples, >= 1. */
  readonly size: number;
  readonly seed: number;
  readonly batchSize: number;
  /** True: the last chunk of an epoch is dropped when it is smaller. */
  readonly dropLast?: boolean;
}

interface SavedDraws {
  readonly size: number;
  /** State of the generator before the shuffle of the current epoch. The shuffle is repeated from it, so that the saved state is small for any dataset. */
  readonly random: RandomState;
  readonly position: number;
}

/** Draws without replacement within an epoch. The same options give the same chunks. */
export function createDraws({ size, seed, batchSize, dropLast = false }: DrawOptions): Draws {
  let random = createRandom(seed, 'draws');
  let beforeShuffle = random.state();
  let order = new Int32Array();
  let position = 0;
  const shuffled = () => {
    beforeShuffle = random.state();
    order = Int32Array.from({ length: size }, (_, index) => index);
    shuffle(order, random);
    position = 0;
  };
  shuffled();
  return {
    next() {
      const left = size - position;
      if (left === 0 || (dropLast && left < batchSize)) shuffled();
      const chunk = order.slice(position, position + batchSize);
      position += chunk.length;
      return chunk;
    },
    left: () => Infinity,
    state: (): SavedDraws => ({ size, random: beforeShuffle, position }),
    restore(state) {
      const saved = state as SavedDraws;
      if (saved?.size !== size || !Number.isInteger(saved.position) || saved.position < 0 || saved.position > size) {
        throw new AppError(
          'CHECKPOINT_MISMATCH',
          `the saved order of samples does not belong to a dataset of ${size} samples`,
        );
      }
      random = restoreRandom(saved.random);
      shuffled();
      position = saved.position;
    },
  };
}

/** Recorded lists of indices, in order. Throws REPLAY_MALFORMED when all have been drawn. */
export function replayDraws(recorded: readonly (readonly number[])[]): Draws {
  let position = 0;
  return {
    next() {
      const chunk = recorded[position];
      if (!chunk) throw new AppError('REPLAY_MALFORMED', `the recording has only ${recorded.length} draws`);
      position += 1;
      return Int32Array.from(chunk);
    },
    left: () => recorded.length - position,
    state: () => position,
    restore(state) {
      if (!Number.isInteger(state))
        throw new AppError('CHECKPOINT_MISMATCH', 'the saved position of a replay is malformed');
      position = state as number;
    },
  };
}
