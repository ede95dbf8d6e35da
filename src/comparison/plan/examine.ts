/** The plan of a comparison in the API: every model with every method is examined as a job would be; the data is looked at in the inspecting process, never loaded here. */
import { type ComparisonSpec, refuseComparison, trainingPointer } from '../../contract/comparison-spec.ts';
import { type ConfiguredMethod, configureMethod } from '../../engine/methods/index.ts';
import { AppError, type PlacedProblem } from '../../errors.ts';
import { problemsOf } from '../../jobs/check/problems.ts';
import type { Examination, Examine } from '../../jobs/examine/examine.ts';
import { type ComparisonPlan, cellsOf, type InapplicableRow, jobOf, nothingApplies } from './plan.ts';

interface Place {
  readonly model: number;
  readonly method: number;
  readonly training: number;
}

/** Where a problem of a job lies in the comparison. */
function placeOf(pointer: string, spec: Pick<ComparisonSpec, 'training'>, { model, method, training }: Place): string {
  if (pointer.startsWith('/model')) return `/models/${model}${pointer}`;
  if (pointer.startsWith('/method')) return `/methods/${method}${pointer.slice('/method'.length)}`;
  if (pointer.startsWith('/training/test')) return pointer.slice('/training'.length);
  if (pointer.startsWith('/training')) return `${trainingPointer(spec, training)}${pointer.slice('/training'.length)}`;
  return pointer;
}

/** Every model with every method, and with every protocol. */
function placesOf({ models, methods, training }: ComparisonSpec): Place[] {
  return [...models.keys()].flatMap((model) =>
    [...methods.keys()].flatMap((method) =>
      [...training.keys()]
        .filter((protocol) => protocol === 0 || method === 0)
        .map((protocol) => ({ model, method, training: protocol })),
    ),
  );
}

/**
 * @param owner whose uploads it may use; null: anybody's
 * @throws INVALID_INPUT with the pointer of every problem; what is not the fault of the specification
 */
export async function planByExamination(
  spec: ComparisonSpec,
  examine: Examine,
  owner: string | null,
): Promise<ComparisonPlan> {
  const problems: PlacedProblem[] = [];
  const add = (found: readonly PlacedProblem[], place: Place) => {
    for (const { pointer: inJob, message } of found) {
      const pointer = placeOf(inJob, spec, place);
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
  let dataset: Examination['dataset'] = null;
  for (const place of placesOf(spec)) {
    const job = attempt(place, () => jobOf(spec, methods[place.method] as ConfiguredMethod, { ...place, seed: 0 }));
    if (job === null) continue;
    const examination = await examine(job, owner);
    dataset ??= examination.dataset;
    const { inapplicable: reason } = examination;
    if (reason !== null && place.training === 0)
      inapplicable.push({ model: place.model, method: place.method, reason });
    add(
      examination.problems.filter(({ code }) => code !== 'METHOD_NOT_APPLICABLE'),
      place,
    );
  }
  if (problems.length > 0) refuseComparison(problems);
  const cells = cellsOf(spec, methods, inapplicable, problems);
  if (problems.length > 0) refuseComparison(problems);
  if (cells.length === 0) refuseComparison(nothingApplies(inapplicable));
  return { spec, cells, inapplicable, samples: { training: dataset?.samples ?? null, test: null } };
}
