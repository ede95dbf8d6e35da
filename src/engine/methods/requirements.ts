/** Requirements that several methods share. */
import type { SampleSource } from '../../batch.ts';
import { AppError } from '../../errors.ts';
import { graphOf } from '../../topology/operation-graph/build.ts';
import type { TransformerStack } from '../../topology/structure/attention-blocks.ts';
import type { Topology } from '../../topology/topology.ts';
import type { Problem, SourceNetwork } from '../run.ts';
import type { Applicability, GraphRefusal, InitMethod } from './method.ts';

const others = 'gradinit, grad-cosine and the methods that only draw apply';

const graphReasons: Readonly<Record<GraphRefusal, string>> = {
  walks: 'it goes through a network layer by layer on a batch, and a graph of operations is run as a whole',
  inserts: 'it inserts factors or scalars between layers, and the operations of a graph are not changed',
  finds: 'it looks for its places among layers, which a graph of operations does not have',
};

/** Whether a method is applicable to a network, with the reason where it is not. */
export function applicabilityTo(method: InitMethod, topology: Topology, options: unknown): Applicability {
  const { refusesGraphs } = method;
  if (refusesGraphs && graphOf(topology))
    return { applicable: false, reason: `${graphReasons[refusesGraphs]}; ${others}` };
  return method.applicability(topology, options as never);
}

/** Applicable to topologies with a trainable parameter. */
export function hasTrainableParameter(topology: Topology): Applicability {
  return topology.layers.some((layer) => layer.params.some((param) => param.group !== 'none'))
    ? { applicable: true }
    : { applicable: false, reason: 'the topology has no trainable parameter' };
}

/** Applicable to transformers. @param stacks the stacks that were found in the topology */
export function needsAttention(stacks: readonly TransformerStack[]): Applicability {
  if (stacks.length > 0) return { applicable: true };
  const reason =
    'the topology has no attention inside a residual branch (MultiHeadAttention, Attention, or Dot of a softmax and values)';
  return { applicable: false, reason };
}

/** The samples and their loss. Throws DATASET_NOT_FOUND. */
export function dataOf(
  { samples, loss }: Problem,
  method: string,
): { samples: SampleSource; loss: NonNullable<Problem['loss']> } {
  if (samples && loss) return { samples, loss };
  throw new AppError('DATASET_NOT_FOUND', `${method} needs a dataset`);
}

/** The network from which weights are taken. Throws INVALID_INPUT. */
export function sourceOf({ source }: Problem, method: string): SourceNetwork {
  if (source) return source;
  throw new AppError('INVALID_INPUT', `${method} needs a source: the model and the weights to start from`);
}
