/** The catalogue of layer classes: canonical class name -> LayerSpec. src/engine/network/layers/index.ts holds the forward function of each. */
import type { LayerSpec } from '../layer-spec.ts';
import { attention } from './attention.ts';
import { bidirectional } from './bidirectional.ts';
import { dense } from './dense.ts';
import { gru } from './gru.ts';
import { inputLayer } from './input-layer.ts';
import { lstm } from './lstm.ts';
import { multiHeadAttention } from './multi-head-attention.ts';
import { simpleRnn } from './simple-rnn.ts';
import { timeDistributed } from './time-distributed.ts';

/** Keyed by the first of each spec's classNames. */
export const layerSpecs = {
  Dense: dense,
  InputLayer: inputLayer,
  SimpleRNN: simpleRnn,
  GRU: gru,
  LSTM: lstm,
  Bidirectional: bidirectional,
  TimeDistributed: timeDistributed(findLayerSpec),
  Attention: attention,
  MultiHeadAttention: multiHeadAttention,
} as const satisfies Record<string, LayerSpec<unknown>>;

/** A canonical class name. */
export type LayerClassName = keyof typeof layerSpecs;

/** What the spec of a class parses its configuration into. */
export type LayerConfig<K extends LayerClassName> = ReturnType<(typeof layerSpecs)[K]['parse']>;

const byName = new Map<string, LayerSpec<unknown>>(
  Object.values<LayerSpec<unknown>>(layerSpecs).flatMap((spec) =>
    spec.classNames.map((name): [string, LayerSpec<unknown>] => [name, spec]),
  ),
);

/** Every class name that topologies may use, aliases included, sorted. */
export const layerClassNames: readonly string[] = [...byName.keys()].sort();

/** The spec of a class or of one of its aliases. */
export function findLayerSpec(className: string): LayerSpec<unknown> | undefined {
  return byName.get(className);
}
