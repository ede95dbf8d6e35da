/** The forward function of every class of src/topology/layers; a class without one, or with the wrong configuration type, does not compile. */
import { findLayerSpec, type LayerClassName, type LayerConfig } from '../../../topology/layers/index.ts';
import type { LayerForward } from '../layer-forward.ts';
import { attention } from './attention.ts';
import { bidirectional } from './bidirectional.ts';
import { only } from './common.ts';
import { dense } from './dense.ts';
import { gru } from './gru.ts';
import { lstm } from './lstm.ts';
import { multiHeadAttention } from './multi-head-attention.ts';
import { simpleRnn } from './simple-rnn.ts';
import { timeDistributed } from './time-distributed.ts';

const identity: LayerForward<unknown> = (_config, inputs) => only(inputs);

/** Keyed by canonical class name. */
export const layerForwards: { readonly [K in LayerClassName]: LayerForward<LayerConfig<K>> } = {
  Dense: dense,
  InputLayer: identity,
  SimpleRNN: simpleRnn,
  GRU: gru,
  LSTM: lstm,
  Bidirectional: bidirectional,
  TimeDistributed: timeDistributed(findLayerForward),
  Attention: attention,
  MultiHeadAttention: multiHeadAttention,
};

const byName = new Map<string, LayerForward>(Object.entries<LayerForward>(layerForwards));

/** The forward function of a class or of one of its aliases. Its configuration must come from the spec of the same class. */
export function findLayerForward(className: string): LayerForward | undefined {
  const spec = findLayerSpec(className);
  return spec && byName.get(spec.classNames[0]);
}
