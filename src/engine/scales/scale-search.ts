/**
 * The loop around the two steps of GradInit: draws batches, predicts the branch, runs its graph, updates the scales.
 *
 *   S = a ++ b ;  n on S ;  n > gamma ? constraint : objective (draws more) ;  one RescaleAdam update
 *
 * The branch is known only after the norm, and each branch is one graph that returns the norm. It rarely changes, so the loop runs the graph of the last
 * branch and, when the norm says otherwise, the other one: a wrong guess costs one run and is counted.
 */

import type { SampleSource } from '../../batch.ts';
import { AppError } from '../../errors.ts';
import { type CompiledStep, compile, type Execution } from '../graph/compile.ts';
import type { Weights } from '../methods/method.ts';
import type { Branch, RescaleAdamOptions, ScaleState } from '../optimizers/rescale-adam.ts';
import { newScaleState, updateScale } from '../optimizers/rescale-adam.ts';
import { scoped, type Tensor, tf } from '../tf.ts';
import { toBatchTensors } from './batch-tensors.ts';
import type { DrawPlan } from './draw-plan.ts';
import { batchInputs, constraintStep, objectiveStep, type StepProblem, scalesInput, unpack } from './steps.ts';
import { weightTensors } from './tuned-params.ts';

export interface ScaleSearchOptions {
  /** Bound on the gradient norm; Infinity for none. */
  readonly gamma: number;
  readonly eta: number;
  readonly normalize: boolean;
  readonly adam: RescaleAdamOptions;
}

/** Plain JSON, complete: a run restored from it ends in the same bytes. */
export interface ScaleSearchState {
  scales: ScaleState[];
  draws: unknown;
  predicted: Branch;
  wrongGuesses: number;
}

/** What one iteration computed. */
export interface SearchIteration {
  readonly branch: Branch;
  readonly loss: number;
  readonly gradientNorm: number;
  readonly steppedLoss: number | null;
  /** dJ/dalpha before clipping; null where nothing was updated. */
  readonly gradients: readonly (number | null)[];
}

export interface ScaleSearch {
  readonly state: () => ScaleSearchState;
  iterate(): SearchIteration;
  dispose(): void;
}

interface BranchResult {
  readonly numbers: readonly number[];
  readonly gradients: readonly (number | null)[];
}

/** Prepares the loop: weights become tensors once, graphs are recorded at their first use. */
export function createScaleSearch(
  problem: StepProblem,
  weights: Weights,
  samples: SampleSource,
  draws: DrawPlan,
  options: ScaleSearchOptions,
  execution: Execution,
  resume: ScaleSearchState | null,
): ScaleSearch {
  const { tuned } = problem.partition;
  const scales = resume?.scales ?? tuned.map(newScaleState);
  let predicted = resume?.predicted ?? 'constraint';
  let wrongGuesses = resume?.wrongGuesses ?? 0;
  if (resume) draws.restore(resume.draws);

  const fixedInputs = weightTensors(problem.partition, weights);
  const steps: Record<Branch, CompiledStep<'result'>> = {
    constraint: compile('gradinit constraint', (inputs) => constraintStep(problem, inputs), execution),
    objective: compile('gradinit objective', (inputs) => objectiveStep(problem, options, inputs), execution),
  };

  const runStep = (branch: Branch, indices: readonly ArrayLike<number>[]): BranchResult =>
    scoped(() => {
      const inputs: Record<string, Tensor> = { ...fixedInputs };
      if (tuned.length > 0) inputs[scalesInput] = tf.tensor1d(Float32Array.from(scales, ({ alpha }) => alpha));
      indices.forEach((chosen, position) => {
        Object.assign(inputs, batchInputs(position === 0 ? 's' : 't', toBatchTensors(samples.gather(chosen))));
      });
      return unpack(steps[branch].run(inputs).result.dataSync(), tuned.length);
    });

  const guess = (): Branch => {
    if (!Number.isFinite(options.gamma)) return 'objective';
    return draws.hasStepped() ? predicted : 'constraint';
  };

  /** The branch that the norm on S asks for, with its result. */
  const runBranch = (): { branch: Branch; result: BranchResult } => {
    const s = draws.next();
    const run = (branch: Branch) => runStep(branch, branch === 'constraint' ? [s] : [s, draws.peekStepped()]);
    let branch: Branch = guess();
    let result = run(branch);
    const wanted: Branch = normOf(result) > options.gamma ? 'constraint' : 'objective';
    if (wanted !== branch) {
      wrongGuesses += 1;
      branch = wanted;
      result = run(branch);
    }
    if (branch === 'objective') draws.takeStepped();
    predicted = branch;
    return { branch, result };
  };

  return {
    state: () => structuredClone({ scales, draws: draws.state(), predicted, wrongGuesses }),
    iterate() {
      const { branch, result } = runBranch();
      const [loss, gradientNorm, steppedLoss] = result.numbers as [number, number, number | undefined];
      assertFinite({ loss, 'gradient norm': gradientNorm, 'loss after the step': steppedLoss ?? 0 });
      const gradients = tuned.map(({ name, bounds }, k) => {
        const state = scales[k] as ScaleState;
        const raw = result.gradients[k] ?? null;
        if (raw === null || state.alpha === 0) return null;
        const q = branch === 'constraint' ? raw / state.alpha : raw;
        updateScale(state, branch, q, bounds, options.adam, name);
        return q;
      });
      return { branch, loss, gradientNorm, steppedLoss: steppedLoss ?? null, gradients };
    },
    dispose() {
      for (const step of Object.values(steps)) step.dispose();
      tf.dispose(fixedInputs);
    },
  };
}

const normOf = (result: BranchResult) => result.numbers[1] as number;

function assertFinite(numbers: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(numbers)) {
    if (!Number.isFinite(value))
      throw new AppError('DIVERGED', `the ${name} is ${value}`, { details: { quantity: name } });
  }
}
