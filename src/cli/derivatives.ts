/** gradinit derivatives: loss, gradient norms and their exact derivatives with respect to every scale, for given weights and one batch. */
import { checkWeights } from '../artifacts/check-weights.ts';
import { readWeights } from '../artifacts/read.ts';
import { type LossName, lossSpecs } from '../engine/losses/specs.ts';
import { AppError } from '../errors.ts';
import { graphOf } from '../topology/operation-graph/build.ts';
import { firstOutput, splitHead } from '../topology/structure/head.ts';
import type { Topology } from '../topology/topology.ts';
import { parseFlags, required } from './args.ts';
import { readModelFile } from './model-file.ts';
import { pickInputs, pickTargets } from './tensor-files.ts';

const names = Object.keys(lossSpecs) as LossName[];

export const usage = `usage: gradinit derivatives --model FILE --weights FILE --inputs FILE --loss NAME [--eager] [--json]

The L2 and L1 norm of the gradient over all trainable parameters on one batch, and their exact derivatives with respect to a scale of each tensor.
Batch statistics, dropout off. Tensors that are not trained, or that the loss does not depend on, have null.

  --weights FILE   safetensors, npz or tfjs model.json with shards
  --inputs FILE    safetensors or npz with the inputs (x, x0, x1, ..., or by name) and the targets y
  --loss NAME      ${names.join(', ')}
  --eager          operation by operation instead of as one recorded graph
  --json           one JSON document`;

/**
 * The topology whose output the loss takes. Cross-entropies of layer models are computed from logits; an operation graph is unchanged, as its own
 * framework would differentiate it.
 */
const ofLoss = (topology: Topology, loss: LossName): Topology => {
  if (graphOf(topology)) return firstOutput(topology);
  return loss.endsWith('cross-entropy') ? splitHead(topology).topology : topology;
};

export async function run(args: readonly string[]): Promise<number> {
  const options = {
    model: { type: 'string' },
    weights: { type: 'string' },
    inputs: { type: 'string' },
    loss: { type: 'string' },
    eager: { type: 'boolean' },
    json: { type: 'boolean' },
  } as const;
  const parsed = parseFlags(args, options, usage);
  if (!parsed) return 0;
  const { values } = parsed;
  const wanted = required(values.loss, '--loss');
  const loss = names.find((name) => name === wanted);
  if (!loss) throw new AppError('LOSS_UNKNOWN', `no loss is named "${wanted}"; there are ${names.join(', ')}`);
  const model = await readModelFile(required(values.model, '--model'));
  const topology = ofLoss(model.topology, loss);
  const tensors = await readWeights(required(values.inputs, '--inputs'));
  const params = topology.layers.flatMap((layer) => layer.params);
  const weights = checkWeights(await readWeights(required(values.weights, '--weights')), params);
  const { derivativesOf } = await import('../engine/derivatives.ts');
  const batch = { inputs: pickInputs(topology, tensors), targets: pickTargets(tensors) };
  const result = await derivativesOf({ topology, weights, batch, loss, execution: values.eager ? 'eager' : 'graph' });
  if (values.json) console.log(JSON.stringify(result));
  else {
    console.log(`loss ${result.loss}   l2 ${result.l2}   l1 ${result.l1}\n`);
    for (const [name, value] of Object.entries(result.d_l2))
      console.log(`  ${name.padEnd(48)} d_l2 ${String(value).padEnd(24)} d_l1 ${result.d_l1[name]}`);
  }
  return 0;
}
