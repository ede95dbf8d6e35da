/** The recorded graphs of GradInit for one or several simulated optimizers; their inputs are scales and samples. */
import type { SampleSource } from '../../../batch.ts';
import { toBatchTensors } from '../../feeding/batch-tensors.ts';
import { unpack } from '../../feeding/packed-result.ts';
import { batchInputs, scalesInput } from '../../feeding/step-inputs.ts';
import { weightTensors } from '../../feeding/tuned-params.ts';
import { type CompiledStep, compile, type Execution } from '../../graph/compile.ts';
import type { Weights } from '../../run.ts';
import { scoped, type Tensor, tf } from '../../tf.ts';
import { meanObjectiveStep, type SimulatedStep } from './mean-objective-step.ts';
import { constraintStep, objectiveStep, type StepProblem } from './steps.ts';

/** One optimizer: its step, and the bound on its gradient norm. */
export interface SimulatedOptimizer extends SimulatedStep {
  readonly name: string;
  /** Bound on the norm; Infinity for none. */
  readonly gamma: number;
}

export type SimulatedOptimizers = readonly [SimulatedOptimizer, ...SimulatedOptimizer[]];

/** 'objective', or the constraint of the optimizer with this index. */
export type StepBranch = 'objective' | `constraint-${number}`;

export interface StepNumbers {
  readonly loss: number;
  /** One gradient norm per optimizer. */
  readonly norms: readonly number[];
  /** Loss on S~ after the step of each optimizer; empty on a constraint branch. */
  readonly steppedLosses: readonly number[];
  /** dJ/dalpha in the order of the tuned parameters; null where J does not depend on it. */
  readonly gradients: readonly (number | null)[];
}

export interface StepGraphs {
  /** @param indices the samples of S, and on the objective branch those of S~ */
  run(branch: StepBranch, alphas: readonly number[], indices: readonly ArrayLike<number>[]): StepNumbers;
  dispose(): void;
}

/** J on a constraint branch is n for one optimizer, as published, and n_A / gamma_A for several, so that all bounds have equal weight. */
export function createStepGraphs(
  problem: Omit<StepProblem, 'norm' | 'reported'>,
  weights: Weights,
  samples: SampleSource,
  optimizers: SimulatedOptimizers,
  execution: Execution,
): StepGraphs {
  const { tuned } = problem.partition;
  const [only, ...others] = optimizers;
  const single = others.length === 0;
  const reported = single ? [] : optimizers.map(({ norm }) => norm);
  const constraints = optimizers.map(({ norm }) =>
    compile('gradinit constraint', (inputs) => constraintStep({ ...problem, norm, reported }, inputs), execution),
  );
  const objective = compile(
    'gradinit objective',
    (inputs) =>
      single
        ? objectiveStep({ ...problem, norm: only.norm }, only, inputs)
        : meanObjectiveStep(problem, optimizers, inputs),
    execution,
  );
  const fixedInputs = weightTensors(problem.partition, weights);

  const runStep = (step: CompiledStep<'result'>, alphas: readonly number[], indices: readonly ArrayLike<number>[]) =>
    scoped(() => {
      const inputs: Record<string, Tensor> = { ...fixedInputs };
      if (tuned.length > 0) inputs[scalesInput] = tf.tensor1d(Float32Array.from(alphas));
      indices.forEach((chosen, position) => {
        Object.assign(inputs, batchInputs(position === 0 ? 's' : 't', toBatchTensors(samples.gather(chosen))));
      });
      return unpack(step.run(inputs).result.dataSync(), tuned.length);
    });

  return {
    run(branch, alphas, indices) {
      if (branch === 'objective') {
        const { numbers, gradients } = runStep(objective, alphas, indices);
        const [loss, ...rest] = numbers as [number, ...number[]];
        const count = optimizers.length;
        return { loss, norms: rest.slice(0, count), steppedLosses: rest.slice(count), gradients };
      }
      const which = Number(branch.slice('constraint-'.length));
      const { numbers, gradients } = runStep(constraints[which] as CompiledStep<'result'>, alphas, indices.slice(0, 1));
      const [loss, norm, ...all] = numbers as [number, number, ...number[]];
      const unit = single ? 1 : (optimizers[which]?.gamma ?? 1);
      // The graph returns alpha dn/dalpha.
      const byAlpha = gradients.map((raw, k) =>
        raw === null || alphas[k] === 0 ? null : raw / (alphas[k] as number) / unit,
      );
      return { loss, norms: single ? [norm] : all, steppedLosses: [], gradients: byAlpha };
    },
    dispose() {
      for (const step of [...constraints, objective]) step.dispose();
      tf.dispose(fixedInputs);
    },
  };
}
