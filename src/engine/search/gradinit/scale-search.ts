/**
 * The loop around the two steps of GradInit: draws batches, runs the graph of the branch, updates the scales.
 *
 *   S = a ++ b ;  n on S ;  n > gamma ? constraint : objective (draws more) ;  one RescaleAdam update
 *
 * With several optimizers, a constraint branch is taken when any norm exceeds its gamma, for the optimizer with the largest n_A / gamma_A.
 */
import { AppError } from '../../../errors.ts';
import type { DrawPlan } from '../../feeding/draw-plan.ts';
import type { TunedParam } from '../../feeding/tuned-params.ts';
import { type BranchGuessState, createBranchGuess } from '../branch-guess.ts';
import type { RescaleAdamOptions } from '../optimizers/rescale-adam.ts';
import { rescaleAdamRule } from '../scale-rule.ts';
import type { ScaleIteration, ScaleProcess } from '../scale-run.ts';
import type { SimulatedOptimizers, StepBranch, StepGraphs, StepNumbers } from './step-graphs.ts';

export interface ScaleSearchOptions {
  readonly optimizers: SimulatedOptimizers;
  readonly adam: RescaleAdamOptions;
}

/** The complete state as plain JSON: a run that is restored from it ends with the same bytes. */
interface ScaleSearchState extends BranchGuessState<StepBranch> {
  readonly scales: unknown;
  readonly draws: unknown;
}

const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * @param tuned the tuned parameters with the rates and bounds of this search
 * @param graphs shared by searches on the same problem; not disposed here
 * @param resume the state of an earlier search, or null
 */
export function createScaleSearch(
  tuned: readonly TunedParam[],
  graphs: StepGraphs,
  draws: DrawPlan,
  { optimizers, adam }: ScaleSearchOptions,
  resume: unknown,
): ScaleProcess {
  const saved = resume as ScaleSearchState | null;
  if (saved) draws.restore(saved.draws);
  const rule = rescaleAdamRule(tuned, adam, saved?.scales ?? null);
  const bounded = optimizers.some(({ gamma }) => Number.isFinite(gamma));
  const guess = createBranchGuess<StepBranch>(
    saved ?? { predicted: bounded ? 'constraint-0' : 'objective', wrongGuesses: 0 },
  );

  const run = (branch: StepBranch, s: Int32Array) =>
    graphs.run(branch, rule.alphas(), branch === 'objective' ? [s, draws.peekStepped()] : [s]);
  const wantedBranch = ({ norms }: StepNumbers): StepBranch => {
    const excess = optimizers.map(({ gamma }, which) => (norms[which] as number) / gamma);
    const violated = optimizers.flatMap(({ gamma }, which) => ((norms[which] as number) > gamma ? [which] : []));
    const [worst] = violated.sort((a, b) => (excess[b] as number) - (excess[a] as number));
    return worst === undefined ? 'objective' : `constraint-${worst}`;
  };
  const nameOf = (branch: StepBranch) => {
    if (branch === 'objective' || optimizers.length === 1) return branch.replace(/-\d+$/, '');
    return `constraint-${optimizers[Number(branch.slice('constraint-'.length))]?.name}`;
  };

  return {
    state: (): ScaleSearchState => ({ ...guess.state(), scales: rule.state(), draws: structuredClone(draws.state()) }),
    alphas: rule.alphas,
    iterate(): ScaleIteration {
      const s = draws.next();
      const { branch, result } = guess.resolve(
        (wanted) => run(wanted, s),
        wantedBranch,
        draws.hasStepped() ? undefined : 'constraint-0',
      );
      if (branch === 'objective') draws.takeStepped();
      assertFinite(result);
      const { loss, norms, steppedLosses } = result;
      const steppedLoss = steppedLosses.length > 0 ? meanOf(steppedLosses) : null;
      const gradients = rule.update(branch === 'objective' ? 'objective' : 'constraint', result.gradients);
      const objective = steppedLoss === null ? null : steppedLoss / optimizers[0].eta;
      return { branch: nameOf(branch), loss, gradientNorm: norms[0] as number, steppedLoss, objective, gradients };
    },
    findings: () => ({ wrongBranchGuesses: guess.state().wrongGuesses }),
    dispose() {},
  };
}

function assertFinite({ loss, norms, steppedLosses }: StepNumbers): void {
  const named = [
    ['loss', [loss]],
    ['gradient norm', norms],
    ['loss after the step', steppedLosses],
  ] as const;
  for (const [name, values] of named) {
    const wrong = values.find((value) => !Number.isFinite(value));
    if (wrong !== undefined) throw new AppError('DIVERGED', `the ${name} is ${wrong}`, { details: { quantity: name } });
  }
}
