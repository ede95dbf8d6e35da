/** The loop of grad-cosine: per iteration one batch, the branch by the mean norm of the chunks' gradients, one RescaleAdam update. */
import { AppError } from '../../../errors.ts';
import type { BatchStream } from '../../feeding/batch-stream.ts';
import { toBatchTensors } from '../../feeding/batch-tensors.ts';
import { unpack } from '../../feeding/packed-result.ts';
import { batchInputs, scalesInput } from '../../feeding/step-inputs.ts';
import { weightTensors } from '../../feeding/tuned-params.ts';
import { compile, type Execution } from '../../graph/compile.ts';
import type { Weights } from '../../run.ts';
import { scoped, type Tensor, tf } from '../../tf.ts';
import { type BranchGuessState, createBranchGuess } from '../branch-guess.ts';
import type { RescaleAdamOptions } from '../optimizers/rescale-adam.ts';
import { rescaleAdamRule } from '../scale-rule.ts';
import type { ScaleProcess } from '../scale-run.ts';
import { type CosineBranch, type CosineProblem, cosineStep } from './cosine-step.ts';

export interface CosineSearchOptions {
  /** Bound on the mean gradient norm. */
  readonly gamma: number;
  readonly adam: RescaleAdamOptions;
}

interface SavedSearch extends BranchGuessState<CosineBranch> {
  readonly scales: unknown;
  readonly batches: unknown;
}

/** Weights become tensors once; graphs are recorded when they are first used. */
export function createCosineSearch(
  problem: CosineProblem,
  weights: Weights,
  batches: BatchStream,
  { gamma, adam }: CosineSearchOptions,
  execution: Execution,
  resume: unknown,
): ScaleProcess {
  const { tuned } = problem.partition;
  const saved = resume as SavedSearch | null;
  if (saved) batches.restore(saved.batches);
  const rule = rescaleAdamRule(tuned, adam, saved?.scales ?? null);
  const guess = createBranchGuess<CosineBranch>(saved ?? { predicted: 'objective', wrongGuesses: 0 });
  const steps = {
    constraint: compile('grad-cosine constraint', (inputs) => cosineStep(problem, 'constraint', inputs), execution),
    objective: compile('grad-cosine objective', (inputs) => cosineStep(problem, 'objective', inputs), execution),
  };
  const fixed = weightTensors(problem.partition, weights);
  let lastCosine: number | null = null;

  const run = (branch: CosineBranch, batch: Readonly<Record<string, Tensor>>) =>
    scoped(() => {
      const alphas = rule.alphas();
      const scales = tuned.length > 0 ? { [scalesInput]: tf.tensor1d(Float32Array.from(alphas)) } : {};
      const { numbers, gradients } = unpack(
        steps[branch].run({ ...fixed, ...scales, ...batch }).result.dataSync(),
        tuned.length,
      );
      const [loss, norm, cosine] = numbers as [number, number, number];
      // The graph returns alpha dJ/dalpha.
      const byAlpha = gradients.map((raw, k) => (raw === null || alphas[k] === 0 ? null : raw / (alphas[k] as number)));
      return { loss, norm, cosine, gradients: byAlpha };
    });

  return {
    state: (): SavedSearch => ({ ...guess.state(), scales: rule.state(), batches: structuredClone(batches.state()) }),
    alphas: rule.alphas,
    iterate() {
      const batch = batchInputs('s', toBatchTensors(batches.next()));
      try {
        const { branch, result } = guess.resolve(
          (wanted) => run(wanted, batch),
          ({ norm }) => (norm > gamma ? 'constraint' : 'objective'),
        );
        const { loss, norm, cosine } = result;
        for (const [name, value] of Object.entries({ loss, 'mean gradient norm': norm, 'mean cosine': cosine })) {
          if (!Number.isFinite(value))
            throw new AppError('DIVERGED', `the ${name} is ${value}`, { details: { quantity: name } });
        }
        lastCosine = cosine;
        const objective = branch === 'constraint' ? null : -cosine - problem.normWeight * problem.chunks * norm;
        return { branch, loss, gradientNorm: norm, objective, gradients: rule.update(branch, result.gradients) };
      } finally {
        tf.dispose(batch);
      }
    },
    findings: () => ({ wrongBranchGuesses: guess.state().wrongGuesses, meanCosine: lastCosine }),
    dispose() {
      for (const step of Object.values(steps)) step.dispose();
      tf.dispose(fixed);
    },
  };
}
