/** Every layer class, activation and loss in the steps of a run, recorded as a graph and, for comparison, operation by operation. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { toBatchTensors } from '../../../src/engine/feeding/batch-tensors.ts';
import {
  batchInputs,
  batchOf,
  plainWeights,
  scaledWeights,
  scalesInput,
} from '../../../src/engine/feeding/step-inputs.ts';
import { partitionParams, weightTensors } from '../../../src/engine/feeding/tuned-params.ts';
import { installGradients } from '../../../src/engine/gradients/index.ts';
import { compile } from '../../../src/engine/graph/compile.ts';
import type { Tensors } from '../../../src/engine/graph/record.ts';
import { createRunLoss } from '../../../src/engine/losses/run-loss.ts';
import { type LossName, lossSpecs } from '../../../src/engine/losses/specs.ts';
import { createNetwork } from '../../../src/engine/network/network.ts';
import type { Problem } from '../../../src/engine/run.ts';
import { constraintStep, normStep, objectiveStep } from '../../../src/engine/search/gradinit/steps.ts';
import { type Tensor, tf } from '../../../src/engine/tf.ts';
import { verifyScaleGradients } from '../../../src/engine/verify/index.ts';
import { activationNames } from '../../../src/topology/activations.ts';
import { networkAround } from '../../support/layer-network.ts';
import { layerSamples } from '../../support/layer-samples.ts';

installGradients();

/** Largest difference relative to the largest value. */
function difference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const values = Array.from(b);
  const scale = Math.max(1e-6, ...values.map(Math.abs));
  const errors = values.map((value, index) => Math.abs((a[index] ?? Number.NaN) - value) / scale);
  return errors.some(Number.isNaN) ? Number.NaN : Math.max(0, ...errors);
}

/** Runs every kind of step recorded and eagerly. */
function compareSteps(problem: Problem): void {
  const { topology, weights, samples, loss } = problem;
  assert.ok(samples && loss);
  const partition = partitionParams(topology, weights, () => ({ rate: 0, lower: 0, upper: Infinity }));
  const step = {
    network: createNetwork(topology),
    partition,
    loss: createRunLoss(loss, topology),
    norm: 'l2',
  } as const;
  const inputCount = topology.inputs.length;
  const forward = (mode: 'batch' | 'moving') => (inputs: Tensors) => ({
    result: step.network.forward(
      plainWeights(step, inputs, scaledWeights(step, inputs)),
      batchOf('s', inputs, inputCount).inputs,
      mode,
    )[0] as Tensor,
  });
  const steps = {
    'forward, batch statistics': forward('batch'),
    'forward, moving statistics': forward('moving'),
    'first order': (inputs: Tensors) => normStep(step, inputs),
    constraint: (inputs: Tensors) => constraintStep(step, inputs),
    objective: (inputs: Tensors) => objectiveStep(step, { eta: 0.1, normalize: true }, inputs),
  };
  const batch = toBatchTensors(samples.gather([0, 1, 2, 3, 4, 5, 6, 7]));
  const inputs = {
    ...weightTensors(partition, weights),
    ...batchInputs('s', batch),
    ...batchInputs('t', batch),
    [scalesInput]: tf.ones([partition.tuned.length]),
  };
  for (const [name, run] of Object.entries(steps)) {
    const [recorded, eager] = (['graph', 'eager'] as const).map((execution) => {
      const compiled = compile(name, run, execution);
      const { result } = compiled.run(inputs);
      const values = result.dataSync();
      result.dispose();
      compiled.dispose();
      return values;
    }) as [Float32Array, Float32Array];
    const error = difference(recorded, eager);
    assert.ok(error < 1e-4, `${name}: recorded and eager execution differ by ${error}`);
  }
  tf.dispose(inputs);
}

async function assertVerified(problem: Problem): Promise<void> {
  const batch = problem.samples?.gather([0, 1, 2, 3, 4, 5, 6, 7]);
  assert.ok(batch);
  const { scales, worst } = await verifyScaleGradients(problem, batch, { norm: 'l2' });
  assert.ok(
    scales.some(({ verdict }) => verdict === 'judged'),
    'no scale was judged',
  );
  assert.ok(worst < 0.01, JSON.stringify(scales.filter(({ relativeError }) => relativeError > 0.01)));
}

describe('in recorded steps', () => {
  for (const [className, sample] of Object.entries(layerSamples)) {
    test(`${className} computes what it computes eagerly, to second order`, async () => {
      const problem = networkAround(className, sample);
      compareSteps(problem);
      await assertVerified(problem);
    });
  }

  for (const activation of activationNames) {
    test(`the activation ${activation} computes what it computes eagerly, to second order`, async () => {
      const problem = networkAround('Activation', { config: { activation }, inputs: [[4]] });
      compareSteps(problem);
      await assertVerified(problem);
    });
  }

  for (const loss of Object.keys(lossSpecs) as LossName[]) {
    test(`the loss ${loss} computes what it computes eagerly, to second order`, async () => {
      const problem = networkAround('Activation', { config: { activation: 'tanh' }, inputs: [[4]] }, loss);
      compareSteps(problem);
      await assertVerified(problem);
    });
  }
});
