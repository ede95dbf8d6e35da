/** Bidirectional: both layers run over the same sequence; the states of the backward layer are reversed and merged with the others at each step. */
import {
  type BidirectionalConfig,
  type CellName,
  type Direction,
  directionInputs,
  type MergeMode,
} from '../../../topology/layers/bidirectional.ts';
import { type Tensor, tf } from '../../tf.ts';
import type { LayerForward } from '../layer-forward.ts';
import { weightsUnder } from './common.ts';
import { convLstm } from './conv-lstm.ts';
import { gru } from './gru.ts';
import { lstm } from './lstm.ts';
import { rnn } from './rnn.ts';
import { simpleRnn } from './simple-rnn.ts';

const cells: Readonly<Record<CellName, LayerForward>> = {
  SimpleRNN: simpleRnn,
  GRU: gru,
  LSTM: lstm,
  RNN: rnn,
  ConvLSTM1D: convLstm,
  ConvLSTM2D: convLstm,
  ConvLSTM3D: convLstm,
};

const merges: Readonly<Record<NonNullable<MergeMode>, (forward: Tensor, backward: Tensor) => Tensor>> = {
  concat: (forward, backward) => tf.concat([forward, backward], -1),
  sum: (forward, backward) => tf.add(forward, backward),
  mul: (forward, backward) => tf.mul(forward, backward),
  ave: (forward, backward) => tf.mul(tf.add(forward, backward), 0.5),
};

export const bidirectional: LayerForward<BidirectionalConfig> = (config, inputs, weights, context) => {
  const { mergeMode } = config;
  const states: Tensor[] = [];
  const run = ({ name, cell, config: inner }: Direction, half: 0 | 1) =>
    cells[cell](inner as never, directionInputs(inputs, context.call, half), weightsUnder(name, weights), {
      ...context,
      call: {},
      emit: (final) => states.push(...final),
    });
  const forward = run(config.forward, 0);
  const backward = run(config.backward, 1);
  // The backward layer returns its states in the order of computation, which begins at the last step.
  const aligned = config.backward.config.returnSequences ? tf.reverse(backward, 1) : backward;
  context.emit?.(mergeMode === null ? [aligned, ...states] : states);
  return mergeMode === null ? forward : merges[mergeMode](forward, aligned);
};
