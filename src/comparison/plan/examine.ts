/** Makes the plan of a comparison: every model is examined with every method and every protocol, by the checks of a job. */
import { type ComparisonSpec, refuseComparison, trainingPointer } from '../../contract/comparison-spec.ts';
import type { JobSpec } from '../../contract/job-spec.ts';
import { type ConfiguredMethod, configureMethod } from '../../engine/methods/index.ts';
import { AppError, type PlacedProblem } from '../../errors.ts';
import { problemsOf, type SpecProblem } from '../../jobs/check/problems.ts';
import { type ComparisonPlan, cellsOf, type InapplicableRow, jobOf } from './cells.ts';

interface Place {
  readonly model: number;
  readonly method: number;
  readonly training: number;
}

/** What is known of a cell before it runs. */
export interface CellFindings {
  readonly problems: readonly SpecProblem[];
  /** Why the method does not apply to the model; null when it does. */
  readonly inapplicable: string | null;
  /** Null where only a worker can count the samples. */
  readonly samples: ComparisonPlan['samples'];
}

/** The pointer within the comparison for a problem of one of its jobs. */
function placeOf(
  { code, pointer }: SpecProblem,
  spec: Pick<ComparisonSpec, 'training'>,
  { model, method, training }: Place,
): string {
  // All models share one dataset, so that a shape mismatch is a problem of the model.
  if (code === 'DATASET_SHAPE_MISMATCH') return `/models/${model}/model`;
  if (pointer.startsWith('/model')) return `/models/${model}${pointer}`;
  if (pointer.startsWith('/method')) return `/methods/${method}${pointer.slice('/method'.length)}`;
  if (pointer.startsWith('/training/test')) return pointer.slice('/training'.length);
  if (pointer.startsWith('/training')) return `${trainingPointer(spec, training)}${pointer.slice('/training'.length)}`;
  return pointer;
}

/** Every combination of model, method and protocol that is examined. */
function placesOf({ models, methods, training }: ComparisonSpec): Place[] {
  return [...models.keys()].flatMap((model) =>
    [...methods.keys()].flatMap((method) =>
      [...training.keys()]
        .filter((protocol) => protocol === 0 || method === 0)
        .map((protocol) => ({ model, method, training: protocol })),
    ),
  );
}

/** The problem that is reported when no method applies to any model. */
const nothingApplies = (rows: readonly InapplicableRow[]): PlacedProblem[] =>
  rows.map(({ model, method, reason }) => ({
    pointer: `/methods/${method}`,
    message: `does not apply to /models/${model}: ${reason}`,
  }));

/**
 * @param examine finds all problems of a job that can be known before it runs
 * @throws INVALID_INPUT with the pointer of every problem; errors with other causes than the specification are thrown unchanged
 */
export async function planByExamination(
  spec: ComparisonSpec,
  examine: (job: JobSpec) => Promise<CellFindings>,
): Promise<ComparisonPlan> {
  const problems: PlacedProblem[] = [];
  const add = (found: readonly SpecProblem[], place: Place) => {
    for (const problem of found) {
      const [pointer, { message }] = [placeOf(problem, spec, place), problem];
      if (!problems.some((other) => other.pointer === pointer && other.message === message))
        problems.push({ pointer, message });
    }
  };
  const attempt = <T>(place: Place, work: () => T): T | null => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      add(problemsOf(error, ''), place);
      return null;
    }
  };
  const methods = spec.methods.flatMap(({ name, options }, method) => {
    const configured = attempt({ model: 0, method, training: 0 }, () => configureMethod(name, options));
    return configured === null ? [] : [configured];
  });
  if (problems.length > 0) refuseComparison(problems);
  const inapplicable: InapplicableRow[] = [];
  let samples: ComparisonPlan['samples'] = { training: null, test: null };
  for (const place of placesOf(spec)) {
    const job = attempt(place, () => jobOf(spec, methods[place.method] as ConfiguredMethod, { ...place, seed: 0 }));
    if (job === null) continue;
    const found = await examine(job);
    samples = found.samples;
    if (found.inapplicable !== null && place.training === 0)
      inapplicable.push({ model: place.model, method: place.method, reason: found.inapplicable });
    const others = found.problems.filter(({ code }) => code !== 'METHOD_NOT_APPLICABLE');
    add(others, place);
  }
  if (problems.length > 0) refuseComparison(problems);
  const cells = cellsOf(spec, methods, inapplicable);
  if (cells.length === 0) refuseComparison(nothingApplies(inapplicable));
  return { spec, cells, inapplicable, samples };
}
