/**
 * Chooses the samples of the two batches S and S~ of an iteration.
 *
 *   halves   S = a ++ b; only the objective branch draws further samples: S~ = a ++ c (overlapping) or, after c, d: S~ = d ++ c
 *   thirds   one draw of n samples, t = floor(n / 3): S = the first 2t, S~ = all from position t on (the fairseq code)
 *
 * `peekStepped` returns S~ without consuming it, because the iteration may take the constraint branch; `takeStepped` consumes it.
 * The rules are those of the released code of Zhu et al., GradInit, arXiv:2102.08098.
 */
import type { Draws } from './draws.ts';

export interface DrawPlan {
  /** The samples of the next S. */
  next(): Int32Array;
  /** False at the end of recorded draws: no S~ is available, so that the iteration must take a branch without it. */
  hasStepped(): boolean;
  /** The samples of the S~ that belongs to the last S. */
  peekStepped(): Int32Array;
  takeStepped(): void;
  state(): unknown;
  restore(state: unknown): void;
}

const concat = (...parts: readonly Int32Array[]): Int32Array =>
  Int32Array.from(parts.flatMap((part) => Array.from(part)));

interface PlanState {
  draws: unknown;
  pending: number[][];
}

/** A plan with draws of half a batch each. */
export function halvesPlan(draws: Draws, overlap: boolean): DrawPlan {
  // Draws made ahead for S~; the next S uses them when the iteration took the other branch.
  const pending: Int32Array[] = [];
  const take = () => pending.shift() ?? draws.next();
  const ahead = (count: number) => {
    while (pending.length < count) pending.push(draws.next());
    return pending.slice(0, count);
  };
  const needed = overlap ? 1 : 2;
  let a = new Int32Array();
  return {
    next() {
      a = take() as Int32Array<ArrayBuffer>;
      return concat(a, take());
    },
    hasStepped: () => pending.length + draws.left() >= needed,
    peekStepped() {
      const [c, d] = ahead(needed) as [Int32Array, Int32Array];
      return overlap ? concat(a, c) : concat(d, c);
    },
    takeStepped() {
      pending.splice(0, needed);
    },
    state: (): PlanState => ({ draws: draws.state(), pending: pending.map((chunk) => Array.from(chunk)) }),
    restore(state) {
      const saved = state as PlanState;
      draws.restore(saved.draws);
      pending.splice(0, pending.length, ...saved.pending.map((chunk) => Int32Array.from(chunk)));
    },
  };
}

/** A plan with one draw for both batches, split into overlapping thirds. */
export function thirdsPlan(draws: Draws): DrawPlan {
  let drawn = new Int32Array();
  const third = () => Math.floor(drawn.length / 3);
  return {
    next() {
      drawn = draws.next() as Int32Array<ArrayBuffer>;
      return drawn.slice(0, 2 * third());
    },
    hasStepped: () => true,
    peekStepped: () => drawn.slice(third()),
    takeStepped: () => {},
    state: () => draws.state(),
    restore: (state) => draws.restore(state as never),
  };
}
