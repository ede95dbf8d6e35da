/** Problems of a specification: what was thrown anywhere below becomes entries with a pointer into the request. */
import { AppError, type ErrorCode } from '../../errors.ts';

export interface SpecProblem {
  readonly code: ErrorCode;
  /** JSON pointer into the specification. */
  readonly pointer: string;
  readonly message: string;
}

/** The places that an error names, which lie below `base`; the place `base` when it names none. */
export function problemsOf(error: AppError, base: string): SpecProblem[] {
  const { errors } = error.details;
  const places = (Array.isArray(errors) ? errors : []).flatMap((entry: unknown) => {
    const pointer: unknown = typeof entry === 'object' && entry !== null ? Reflect.get(entry, 'pointer') : undefined;
    const message: unknown = typeof entry === 'object' && entry !== null ? Reflect.get(entry, 'message') : undefined;
    return typeof pointer === 'string' && typeof message === 'string' ? [{ pointer, message }] : [];
  });
  if (places.length === 0) return [{ code: error.code, pointer: base, message: error.message }];
  // One place: the whole text says more than its entry.
  if (places.length === 1) return [{ code: error.code, pointer: base + places[0]?.pointer, message: error.message }];
  return places.map(({ pointer, message }) => ({ code: error.code, pointer: base + pointer, message }));
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
