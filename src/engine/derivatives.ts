/**
 * The gradient norm of a model on one batch, and its exact derivative with respect to a scale of each parameter. The constraint of GradInit uses
 * these derivatives.
 *
 *   n = ||dL/dtheta||_2 or _1 over all trainable parameters,   d_i = dn/ds_i at s = 1,  theta_i = s_i theta_i = <theta_i, dn/dtheta_i>
 *
 * Batch normalisation uses the batch statistics, and dropout is off. The recorded step is that of the methods.
 */
import type { Batch } from '../batch.ts';
import type { Topology } from '../topology/topology.ts';
import { toBatchTensors } from './feeding/batch-tensors.ts';
import { unpack } from './feeding/packed-result.ts';
import { batchInputs, scalesInput } from './feeding/step-inputs.ts';
import { partitionParams, weightTensors } from './feeding/tuned-params.ts';
import { installGradients } from './gradients/index.ts';
import { compile, type Execution } from './graph/compile.ts';
import { createRunLoss } from './losses/run-loss.ts';
import { completeLossOptions, type LossName, lossSpecs } from './losses/specs.ts';
import { assertDifferentiableTwice } from './network/layer-kernels.ts';
import { createNetwork } from './network/network.ts';
import type { Weights } from './run.ts';
import { constraintStep } from './search/gradinit/steps.ts';
import { scoped, tf } from './tf.ts';

export interface DerivativesRequest {
  readonly topology: Topology;
  readonly weights: Weights;
  readonly batch: Batch;
  readonly loss: LossName;
  readonly execution: Execution;
}

/** By parameter name: null for parameters that are not trained or that the loss does not depend on, 0 for parameters that are zero. */
type ByName = Readonly<Record<string, number | null>>;

export interface Derivatives {
  readonly loss: number;
  readonly l2: number;
  readonly l1: number;
  readonly d_l2: ByName;
  readonly d_l1: ByName;
}

/** The scales do not change here, so that their rate and bounds have no effect. */
const anyScale = () => ({ rate: 1, lower: 0, upper: Number.POSITIVE_INFINITY });

/** Throws GRADIENT_UNPROVEN, DATASET_SHAPE_MISMATCH, and the errors of running the model. */
export async function derivativesOf({
  topology,
  weights,
  batch,
  loss,
  execution,
}: DerivativesRequest): Promise<Derivatives> {
  installGradients();
  await tf.ready();
  assertDifferentiableTwice(topology);
  const network = createNetwork(topology);
  const partition = partitionParams(topology, weights, anyScale);
  const measure = (norm: 'l2' | 'l1') => {
    const problem = {
      network,
      partition,
      loss: createRunLoss({ name: loss, options: completeLossOptions(lossSpecs[loss]) }, topology),
      norm,
    };
    const step = compile('derivatives', (inputs) => constraintStep(problem, inputs), execution);
    try {
      return scoped(() => {
        const scales = tf.tensor1d(Float32Array.from(partition.tuned, () => 1));
        const inputs = {
          ...batchInputs('s', toBatchTensors(batch)),
          ...weightTensors(partition, weights),
          ...(partition.tuned.length > 0 ? { [scalesInput]: scales } : {}),
        };
        const { numbers, gradients } = unpack(step.run(inputs).result.dataSync(), partition.tuned.length);
        const byName: Record<string, number | null> = Object.fromEntries(
          network.params.map(({ name }) => [name, null]),
        );
        for (const { parameter } of partition.skipped) byName[parameter] = 0;
        partition.tuned.forEach(({ name }, index) => {
          byName[name] = gradients[index] ?? null;
        });
        return { loss: numbers[0] as number, norm: numbers[1] as number, byName };
      });
    } finally {
      step.dispose();
    }
  };
  const [l2, l1] = [measure('l2'), measure('l1')];
  return { loss: l2.loss, l2: l2.norm, l1: l1.norm, d_l2: l2.byName, d_l1: l1.byName };
}
