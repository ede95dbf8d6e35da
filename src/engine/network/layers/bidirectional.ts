/** Bidirectional: both layers over the same sequence, the backward one's states turned round, then merged step by step. */
import type { BidirectionalConfig, CellName, Direction } from '../../../topology/layers/bidirectional.ts';
import { type Tensor, tf } from '../../tf.ts';
import type { ForwardContext, LayerForward, Weight } from '../layer-forward.ts';
import { gru } from './gru.ts';
import { lstm } from './lstm.ts';
import { simpleRnn } from './simple-rnn.ts';

const cells: Readonly<Record<CellName, LayerForward>> = { SimpleRNN: simpleRnn, GRU: gru, LSTM: lstm };

const merges: Readonly<Record<BidirectionalConfig['mergeMode'], (forward: Tensor, backward: Tensor) => Tensor>> = {
  concat: (forward, backward) => tf.concat([forward, backward], -1),
  sum: (forward, backward) => tf.add(forward, backward),
  mul: (forward, backward) => tf.mul(forward, backward),
  ave: (forward, backward) => tf.mul(tf.add(forward, backward), 0.5),
};

/** The weights under a prefix, without it. */
function weightsUnder(prefix: string, weights: Readonly<Record<string, Weight>>): Record<string, Weight> {
  const start = `${prefix}/`;
  const own = Object.entries(weights).filter(([key]) => key.startsWith(start));
  return Object.fromEntries(own.map(([key, weight]) => [key.slice(start.length), weight]));
}

export const bidirectional: LayerForward<BidirectionalConfig> = (config, inputs, weights, context) => {
  const run = ({ name, cell, config: inner }: Direction, at: ForwardContext) =>
    cells[cell](inner as never, inputs, weightsUnder(name, weights), at);
  const forward = run(config.forward, context);
  const backward = run(config.backward, context);
  // The backward layer returns its states in the order of computation, last step first.
  const aligned = config.backward.config.returnSequences ? tf.reverse(backward, 1) : backward;
  return merges[config.mergeMode](forward, aligned);
};
