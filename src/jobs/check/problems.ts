/** Problems of a specification: what was thrown anywhere below becomes entries with a pointer into the request. */
import { AppError, type ErrorCode } from '../../errors.ts';

export interface SpecProblem {
  readonly code: ErrorCode;
  /** JSON pointer into the specification. */
  readonly pointer: string;
  readonly message: string;
}

/** The places that an error names, which lie below `base`; the place `base` when it names none. */
export function problemsOf({ code, message, problems }: AppError, base: string): SpecProblem[] {
  const [first, ...others] = problems;
  if (first === undefined) return [{ code, pointer: base, message }];
  // One place: the whole text says more than its entry.
  if (others.length === 0) return [{ code, pointer: base + first.pointer, message }];
  return problems.map((problem) => ({ code, pointer: base + problem.pointer, message: problem.message }));
}

/** Throws the code of the first problem with every problem's place. */
export function assertSound(problems: readonly SpecProblem[]): void {
  const [first] = problems;
  if (first === undefined) return;
  const text = problems.map(({ message }) => message).join('; ');
  throw new AppError(first.code, text, {
    problems: problems.map(({ pointer, message }) => ({ pointer, message })),
  });
}

/** The pointer that the places of an error lie below. */
type Base = string | ((error: AppError) => string);

export interface Collector {
  readonly problems: SpecProblem[];
  /** The result of `check`; null when it found a problem, which is kept. What is not the fault of the request is thrown on. */
  attempt<T>(base: Base, check: () => T): T | null;
  /** The same for checks that wait. */
  attemptLater<T>(base: Base, check: () => Promise<T>): Promise<T | null>;
}

export function createCollector(): Collector {
  const problems: SpecProblem[] = [];
  const keep = (thrown: unknown, base: Base): null => {
    if (!(thrown instanceof AppError) || !thrown.permanent || thrown.code === 'INTERNAL') throw thrown;
    problems.push(...problemsOf(thrown, typeof base === 'string' ? base : base(thrown)));
    return null;
  };
  return {
    problems,
    attempt(base, check) {
      try {
        return check();
      } catch (thrown) {
        return keep(thrown, base);
      }
    },
    async attemptLater(base, check) {
      try {
        return await check();
      } catch (thrown) {
        return keep(thrown, base);
      }
    },
  };
}
