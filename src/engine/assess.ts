/** Loss and gradient norm of weights on one batch, which reports show before and after an initialisation. */
import type { Batch } from '../batch.ts';
import { toBatchTensors } from './feeding/batch-tensors.ts';
import { batchInputs } from './feeding/step-inputs.ts';
import { weightTensors } from './feeding/tuned-params.ts';
import { installGradients } from './gradients/index.ts';
import { compile, type Execution } from './graph/compile.ts';
import { createRunLoss } from './losses/run-loss.ts';
import { createNetwork } from './network/network.ts';
import type { Problem, Weights } from './run.ts';
import { normStep } from './search/gradinit/steps.ts';
import { scoped } from './tf.ts';

export interface Assessment {
  readonly loss: number;
  /** L2 norm of the gradient of all trainable parameters. */
  readonly gradientNorm: number;
}

/** Assesses several sets of weights on the same batch, with batch statistics and without dropout; all share one recorded graph. */
export function assess(
  problem: Problem,
  candidates: readonly Weights[],
  batch: Batch,
  execution: Execution,
): Assessment[] {
  installGradients();
  const { loss, topology } = problem;
  if (!loss) return [];
  const network = createNetwork(topology);
  // A parameter has a scale only if it is tuned, and nothing is tuned here.
  const fixed = network.params.filter((param) => param.group === 'none');
  const partition = { trainable: network.trainable, fixed, tuned: [], skipped: [] };
  const step = { network, partition, loss: createRunLoss(loss, topology), norm: 'l2' } as const;
  const compiled = compile('assess', (inputs) => normStep(step, inputs), execution);
  try {
    return candidates.map((weights) =>
      scoped(() => {
        const inputs = { ...batchInputs('s', toBatchTensors(batch)), ...weightTensors(partition, weights) };
        const [value, gradientNorm] = compiled.run(inputs).result.dataSync();
        return { loss: value as number, gradientNorm: gradientNorm as number };
      }),
    );
  } finally {
    compiled.dispose();
  }
}
