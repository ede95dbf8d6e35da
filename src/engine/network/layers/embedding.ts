/** Embedding: looks up row `id` of a table for every id; float32 ids are truncated to integers, as in tfjs. */
import type { EmbeddingConfig } from '../../../topology/layers/embedding.ts';
import { tf } from '../../tf.ts';
import type { LayerForward } from '../layer-forward.ts';
import { only, weightOf } from './common.ts';

export const embedding: LayerForward<EmbeddingConfig> = (_config, inputs, weights) => {
  const input = only(inputs);
  const ids = input.dtype === 'int32' ? input : tf.cast(input, 'int32');
  return weightOf(weights, 'embeddings').applyLinear((table) => tf.gather(table, ids)); // [n, ..., width]
};
