/** A search that minimises MetaInit's gradient quotient: per iteration one batch, one graph and one update of the scales. */
import { AppError } from '../../../errors.ts';
import type { BatchStream } from '../../feeding/batch-stream.ts';
import { toBatchTensors } from '../../feeding/batch-tensors.ts';
import { unpack } from '../../feeding/packed-result.ts';
import { batchInputs, scalesInput } from '../../feeding/step-inputs.ts';
import { type ParamPartition, weightTensors } from '../../feeding/tuned-params.ts';
import { compile, type Execution } from '../../graph/compile.ts';
import { createRunLoss } from '../../losses/run-loss.ts';
import { assertDifferentiableThrice } from '../../network/layer-kernels.ts';
import { createNetwork } from '../../network/network.ts';
import type { Problem } from '../../run.ts';
import { scoped, tf } from '../../tf.ts';
import type { ScaleRule } from '../scale-rule.ts';
import type { ScaleProcess } from '../scale-run.ts';
import { quotientStep } from './quotient-step.ts';

export interface QuotientSearchParts {
  readonly partition: ParamPartition;
  readonly loss: NonNullable<Problem['loss']>;
  readonly batches: BatchStream;
  /** Creates the update rule, from its saved state where there is one. */
  readonly createRule: (resume: unknown) => ScaleRule;
  readonly epsilon: number;
  readonly execution: Execution;
}

interface SavedSearch {
  readonly rule: unknown;
  readonly batches: unknown;
}

/** Throws GRADIENT_UNPROVEN for a network that cannot be differentiated three times. */
export function createQuotientSearch(
  { topology, weights }: Problem,
  parts: QuotientSearchParts,
  resume: unknown,
): ScaleProcess {
  assertDifferentiableThrice(topology);
  const { partition, batches } = parts;
  const saved = resume as SavedSearch | null;
  if (saved) batches.restore(saved.batches);
  const rule = parts.createRule(saved?.rule ?? null);
  const problem = {
    network: createNetwork(topology),
    partition,
    loss: createRunLoss(parts.loss, topology),
    epsilon: parts.epsilon,
  };
  const step = compile('gradient quotient', (inputs) => quotientStep(problem, inputs), parts.execution);
  const fixed = weightTensors(partition, weights);
  const run = (alphas: readonly number[]) =>
    scoped(() => {
      const scales = alphas.length > 0 ? { [scalesInput]: tf.tensor1d(Float32Array.from(alphas)) } : {};
      const inputs = { ...fixed, ...scales, ...batchInputs('s', toBatchTensors(batches.next())) };
      return unpack(step.run(inputs).result.dataSync(), alphas.length);
    });
  return {
    state: (): SavedSearch => ({ rule: rule.state(), batches: batches.state() }),
    alphas: rule.alphas,
    iterate() {
      const alphas = rule.alphas();
      const { numbers, gradients } = run(alphas);
      const [loss, quotient, squares] = numbers as [number, number, number];
      for (const [name, value] of Object.entries({
        loss,
        'gradient quotient': quotient,
        'squared gradient norm': squares,
      })) {
        if (!Number.isFinite(value))
          throw new AppError('DIVERGED', `the ${name} is ${value}`, { details: { quantity: name } });
      }
      const byAlpha = gradients.map((gradient, k) =>
        gradient === null || alphas[k] === 0 ? null : gradient / (alphas[k] as number),
      );
      const used = rule.update('objective', byAlpha);
      return {
        branch: 'gradient_quotient',
        loss,
        gradientNorm: Math.sqrt(squares),
        objective: quotient,
        gradients: used,
      };
    },
    dispose() {
      step.dispose();
      tf.dispose(fixed);
    },
  };
}
