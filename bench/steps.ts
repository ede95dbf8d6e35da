/** The four measured steps for one network of the zoo on random data: the same mathematics as in the PyTorch baseline, each recorded as one graph. */

import { scalesInput } from '../src/engine/feeding/step-inputs.ts';
import { partitionParams, weightInput } from '../src/engine/feeding/tuned-params.ts';
import { installGradients } from '../src/engine/gradients/index.ts';
import { type CompiledStep, compile, type Execution } from '../src/engine/graph/compile.ts';
import { createRunLoss } from '../src/engine/losses/run-loss.ts';
import { normOfGradients } from '../src/engine/network/dual-norm.ts';
import { differentiate, lossOf } from '../src/engine/network/loss-gradient.ts';
import { createNetwork } from '../src/engine/network/network.ts';
import { plainWeight } from '../src/engine/network/weights.ts';
import { constraintStep, objectiveStep, type StepProblem } from '../src/engine/search/gradinit/steps.ts';
import { type Tensor, tf } from '../src/engine/tf.ts';
import { parseModel } from '../src/models/index.ts';
import { buildZooModel } from '../src/models/zoo/index.ts';
import { initialWeights } from '../src/topology/draw-initial.ts';
import type { StepName } from './step-names.ts';

export interface BenchNetwork {
  readonly name: string;
  readonly batchNorm: boolean;
  readonly batch: number;
}

/** The topology for names such as 'vgg19' and 'resnet110'. */
function zooTopology({ name, batchNorm }: BenchNetwork) {
  const [, family, depth] = /^(vgg|resnet)(\d+)$/.exec(name) ?? [];
  if (!family) throw new Error(`--network must be vgg16, vgg19 or resnetDEPTH, got ${name}`);
  return parseModel({ format: 'tfjs-layers', topology: buildZooModel(family, { depth: Number(depth), batchNorm }) })
    .topology;
}

export interface PreparedSteps {
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly functions: Readonly<Record<StepName, (inputs: Readonly<Record<string, Tensor>>) => { result: Tensor }>>;
  readonly steps: Readonly<Record<StepName, CompiledStep<'result'>>>;
  dispose(): void;
}

/** Creates weights, a random batch and the four compiled steps. */
export function prepareSteps(network: BenchNetwork, execution: Execution): PreparedSteps {
  installGradients();
  const topology = zooTopology(network);
  const weights = initialWeights(topology, 0);
  const bounds = { rate: 1e-3, lower: 0.01, upper: Infinity };
  const partition = partitionParams(topology, weights, () => bounds);
  const problem: StepProblem = {
    network: createNetwork(topology),
    partition,
    loss: createRunLoss({ name: 'softmax-cross-entropy', options: {} }, topology),
    norm: 'l2',
  };
  const inputs: Record<string, Tensor> = { [scalesInput]: tf.ones([partition.tuned.length]) };
  partition.trainable.forEach(({ name, shape }, index) => {
    inputs[weightInput(index)] = tf.tensor(weights.get(name)?.data as Float32Array, [...shape]);
  });
  const input = topology.nodes[topology.inputs[0] ?? 0];
  const shape = [network.batch, ...(input?.shape ?? []).map((extent) => extent ?? 1)];
  const labels = Int32Array.from({ length: network.batch }, (_, index) => index % 10);
  for (const label of ['s', 't']) {
    inputs[`${label}x0`] = tf.randomNormal(shape, 0, 1, 'float32', 7);
    inputs[`${label}y`] = tf.tensor1d(labels, 'int32');
  }
  const theta = (given: Readonly<Record<string, Tensor>>) =>
    partition.trainable.map((_, index) => given[weightInput(index)] as Tensor);
  const loss = (given: Readonly<Record<string, Tensor>>, leaves: readonly Tensor[]) => {
    const map = new Map(partition.trainable.map(({ name }, index) => [name, plainWeight(leaves[index] as Tensor)]));
    return lossOf(problem.network, map, { inputs: [given.sx0 as Tensor], targets: given.sy as Tensor }, problem.loss);
  };
  const forward = (given: Readonly<Record<string, Tensor>>) => ({ result: loss(given, theta(given)) as Tensor });
  const firstOrder = (given: Readonly<Record<string, Tensor>>) => {
    const leaves = theta(given);
    const { gradients } = differentiate(() => loss(given, leaves), leaves);
    return { result: normOfGradients(gradients, 'l2') as Tensor };
  };
  const functions: PreparedSteps['functions'] = {
    forward,
    first_order: firstOrder,
    objective: (given) => objectiveStep(problem, { eta: 0.1, normalize: true }, given),
    constraint: (given) => constraintStep(problem, given),
  };
  const steps = {
    forward: compile('forward', functions.forward, execution),
    first_order: compile('first order', functions.first_order, execution),
    objective: compile('objective', functions.objective, execution),
    constraint: compile('constraint', functions.constraint, execution),
  };
  return {
    inputs,
    functions,
    steps,
    dispose() {
      for (const step of Object.values(steps)) step.dispose();
      tf.dispose(inputs);
    },
  };
}
