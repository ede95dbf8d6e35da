/** Requirements that several methods share. */
import type { SampleSource } from '../../batch.ts';
import { AppError } from '../../errors.ts';
import type { TransformerStack } from '../../topology/structure/attention-blocks.ts';
import type { Topology } from '../../topology/topology.ts';
import type { Problem, SourceNetwork } from '../run.ts';
import type { Applicability } from './method.ts';

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
