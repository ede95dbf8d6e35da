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

export interface Collector {
  readonly problems: SpecProblem[];
  /**
   * The result of `check`; null when it found a problem, which is kept. What is not the fault of the request is thrown on.
   *
   * @param base the pointer that the places of an error lie below
   */
  attempt<T>(base: string | ((error: AppError) => string), check: () => T | Promise<T>): Promise<T | null>;
}

export function createCollector(): Collector {
  const problems: SpecProblem[] = [];
  return {
    problems,
    async attempt(base, check) {
      try {
        return await check();
      } catch (error) {
        if (!(error instanceof AppError) || !error.permanent || error.code === 'INTERNAL') throw error;
        problems.push(...problemsOf(error, typeof base === 'string' ? base : base(error)));
        return null;
      }
    },
  };
}
