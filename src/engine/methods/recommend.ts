/**
 * Recommends whether a network needs another initialisation, and which one: a diagnosis, the applicable methods, and short paired trainings as
 * evidence.
 *
 *   1. diagnosis of the given weights on one batch: signal and gradient by depth, dead units, critical rate (../search/recommend/diagnosis.ts)
 *   2. every applicable method that computes weights without a search (./recommend-candidates.ts), up to `maxTrainingSteps` in all
 *   3. short trainings from the given weights and from each candidate at several rates, then longer ones of the best with paired seeds
 *      (../search/recommend/trials.ts)
 *   4. the answer: another method only when it is better for every seed and by more than twice the standard error; otherwise "keep"
 *
 * The result has the recommended weights, which are the given ones for the answer "keep", and a patched network where the chosen method changes it. A
 * short training shows how a training begins, not how it ends; methods with a search (gradinit, metainit, grad-cosine) are named where the diagnosis
 * suggests them, but not tried.
 */
import { type Static, Type } from 'typebox';
import { completeOptions } from '../../complete-options.ts';
import { AppError } from '../../errors.ts';
import { splitHeads } from '../../topology/structure/head.ts';
import type { MethodResult, Problem, RunControl } from '../run.ts';
import type { Measurement } from '../search/gradinit/radius-search-decisions.ts';
import type { Candidate, TrialPlan } from '../search/recommend/trials.ts';
import { defineMethod, type InitMethod } from './method.ts';
import { trials } from './recommend-candidates.ts';
import { applicabilityTo, dataOf, hasTrainableParameter } from './requirements.ts';

const steps = (value: number, description: string) =>
  Type.Integer({ minimum: 1, maximum: 10_000, default: value, description });

const options = Type.Object(
  {
    optimizer: Type.Enum(['sgd', 'adam', 'adamw', 'rmsprop', 'lion', 'muon'], {
      default: 'sgd',
      description: 'The optimizer that will train.',
    }),
    trainingRate: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 1e6,
        description: 'The rate that will train. Default: 0.1 (sgd), 0.001 (others).',
      }),
    ),
    rateFactors: Type.Array(Type.Number({ exclusiveMinimum: 0, maximum: 1000 }), {
      minItems: 1,
      maxItems: 8,
      uniqueItems: true,
      default: [0.3, 1, 3],
      description: 'Training rates that candidates are measured at, as factors on trainingRate.',
    }),
    shortHorizon: steps(32, 'Steps of the first trainings.'),
    longHorizon: steps(128, 'Steps of the last trainings.'),
    seeds: Type.Integer({
      minimum: 2,
      maximum: 16,
      default: 3,
      description: 'Last trainings of a candidate, each paired with one of the start.',
    }),
    finalists: Type.Integer({
      minimum: 1,
      maximum: 16,
      default: 2,
      description: 'Candidates that get last trainings.',
    }),
    batchSize: Type.Integer({ minimum: 1, maximum: 1_000_000, default: 128, description: 'Samples of a step.' }),
    heldOutBatches: Type.Integer({
      minimum: 2,
      maximum: 64,
      default: 4,
      description: 'Batches that are not trained on and that every training is measured on.',
    }),
    maxTrainingSteps: Type.Integer({
      minimum: 1,
      maximum: 10_000_000,
      default: 3000,
      description: 'Budget: steps of all trainings together. Candidates are left out from the end of the list.',
    }),
  },
  { additionalProperties: false },
);
type Options = Static<typeof options>;

const planOf = ({ rateFactors, shortHorizon, longHorizon, seeds, finalists }: Options): TrialPlan => ({
  rateFactors,
  horizons: [shortHorizon, longHorizon],
  seeds,
  finalists,
});

/** The outcome of one method. */
interface Row {
  readonly method: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly applies: boolean;
  readonly reason: string | null;
  readonly tried: boolean;
}

/** The name of a candidate; methods that are tried with several options are distinguished by these. */
const nameOf = (method: string, options: Readonly<Record<string, unknown>>) =>
  [method, ...Object.values(options)].join(' ');

/** Complete options; methods that read a batch use the batch size of the training. */
function completeFor(method: InitMethod, chosen: Readonly<Record<string, unknown>>, batchSize: number): never {
  const { properties = {} } = method.options as { properties?: object };
  const batch = 'batchSize' in properties ? { batchSize } : {};
  return completeOptions(
    method.options,
    { ...batch, ...chosen },
    { owner: method.name, pointer: '/method/options' },
  ) as never;
}

/** The weights of a method, or the reason why it has none: data that do not suit a method do not fail the recommendation. */
async function weightsOf(
  problem: Problem,
  method: InitMethod,
  complete: never,
  control: RunControl,
): Promise<Omit<Candidate, 'name'> | { readonly failure: string }> {
  try {
    const { weights, patchedTopology } = await method.run(problem, complete, {
      ...control,
      resume: null,
      saveState: () => {},
    });
    const topology = patchedTopology === undefined ? problem.topology : splitHeads(patchedTopology).topology;
    return { topology, weights };
  } catch (thrown) {
    if (!(thrown instanceof AppError) || !thrown.permanent || control.signal.aborted) throw thrown;
    return { failure: thrown.message };
  }
}

/** The given weights, then the weights of every applicable method within the budget. */
async function candidatesOf(
  problem: Problem,
  given: Options,
  batchSize: number,
  control: RunControl,
): Promise<{ candidates: Candidate[]; rows: Row[] }> {
  const { stepsOf } = await import('../search/recommend/trials.ts');
  const candidates: Candidate[] = [{ name: 'yours', topology: problem.topology, weights: problem.weights }];
  const rows: Row[] = [];
  for (const { method, options: chosen } of trials) {
    const complete = completeFor(method, chosen, batchSize);
    const found = applicabilityTo(method, problem.topology, complete);
    const isAffordable = stepsOf(planOf(given), candidates.length + 1) <= given.maxTrainingSteps;
    const row = { method: method.name, options: chosen, applies: found.applicable };
    if (!found.applicable) rows.push({ ...row, reason: found.reason, tried: false });
    else if (!isAffordable) rows.push({ ...row, reason: 'not tried: maxTrainingSteps is used up', tried: false });
    else {
      const made = await weightsOf(problem, method, complete, control);
      if ('failure' in made) rows.push({ ...row, reason: `not tried: ${made.failure}`, tried: false });
      else {
        rows.push({ ...row, reason: found.note ?? null, tried: true });
        candidates.push({ name: nameOf(method.name, chosen), ...made });
      }
    }
  }
  return { candidates, rows };
}

interface Saved {
  readonly method: 'recommend';
  readonly measurements: readonly Measurement[];
}

function readSaved(resume: unknown): readonly Measurement[] {
  if (resume === null || resume === undefined) return [];
  const saved = resume as Partial<Saved>;
  if (saved.method === 'recommend' && Array.isArray(saved.measurements)) return saved.measurements;
  throw new AppError('CHECKPOINT_MISMATCH', 'the saved state is not one of this recommend run');
}

const rateOf = ({ optimizer, trainingRate }: Options) => trainingRate ?? (optimizer === 'sgd' ? 0.1 : 0.001);

async function run(problem: Problem, given: Options, control: RunControl): Promise<MethodResult> {
  const { samples, loss } = dataOf(problem, 'recommend');
  const done = readSaved(control.resume);
  const [{ diagnose }, { runTrials, trainingsOf, verdictOf }, { holdOut }, { sampleStream }, { gateOf, rowsOf }] =
    await Promise.all([
      import('../search/recommend/diagnosis.ts'),
      import('../search/recommend/trials.ts'),
      import('../feeding/held-out.ts'),
      import('../feeding/batch-stream.ts'),
      import('../search/recommend/evidence.ts'),
    ]);
  const batchSize = Math.min(given.batchSize, samples.size);
  const diagnosis = await diagnose(
    problem,
    sampleStream(problem, samples, batchSize).next(),
    control.execution,
    control.signal,
  );
  const { candidates, rows } = await candidatesOf(problem, given, Math.max(2, batchSize), control);
  const plan = planOf(given);
  const iterations = trainingsOf(plan, candidates.length);
  const optimizer = {
    optimizer: { name: given.optimizer, ...(given.optimizer === 'sgd' ? { options: { momentum: 0.9 } } : {}) },
    learningRate: rateOf(given),
    clip: null,
  };
  const heldOut = holdOut(samples, { count: given.heldOutBatches, batchSize, seed: problem.seed });
  const parts = { samples, heldOut, loss, optimizer, batchSize, execution: control.execution, signal: control.signal };
  const measurements = await runTrials(candidates, plan, parts, done, (all, seconds) => {
    const losses = all.at(-1)?.losses;
    const mean = losses ? losses.reduce((sum, value) => sum + value / losses.length, 0) : null;
    control.onIteration({
      iteration: all.length - 1,
      iterations,
      branch: 'short-training',
      loss: mean,
      gradientNorm: null,
      objective: mean,
      seconds,
    });
    control.saveState((): Saved => ({ method: 'recommend', measurements: all }));
  });
  const verdict = verdictOf(measurements, plan, candidates.length);
  const chosen = candidates[verdict.chosen] as Candidate;
  // The given weights have no row.
  const chosenRow = rows.filter(({ tried }) => tried)[verdict.chosen - 1];
  const gate = gateOf(measurements, plan.horizons[0], rateOf(given));
  return {
    weights: chosen.weights,
    ...(chosen.topology === problem.topology ? {} : { patchedTopology: chosen.topology }),
    findings: {
      recommendation: {
        answer: chosenRow ? 'use' : 'keep',
        method: chosenRow?.method ?? null,
        options: chosenRow?.options ?? null,
        why: gate.why(chosenRow ? chosen.name : null),
      },
      diagnosis: { ...diagnosis, training: gate.reading },
      methods: rows,
      evidence: rowsOf(measurements, verdict, candidates, plan, given.optimizer, rateOf(given)),
    },
  };
}

export const recommend = defineMethod({
  name: 'recommend',
  summary:
    'Diagnoses the network on its data, tries every method that gives weights at once in short paired trainings, and keeps the start unless one is better.',
  reference:
    'this project; diagnosis after Gilmer et al., A Loss Curvature Perspective on Training Instability in Deep Learning, ICLR 2022',
  options,
  needsSamples: () => true,
  iterative: true,
  secondOrder: false,
  applicability: hasTrainableParameter,
  run,
});
