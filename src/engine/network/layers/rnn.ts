/**
 * RNN: the cells are run as consecutive layers, which is equivalent, because at each step the output of a cell is the input of the next one.
 *
 * A masked step changes no state of any cell, so that the output of a lower cell at that step is never used.
 */

import { statePositions } from '../../../topology/layers/recurrent.ts';
import { layerOfCell, type RnnConfig } from '../../../topology/layers/rnn.ts';
import { type Tensor, tf } from '../../tf.ts';
import type { LayerForward } from '../layer-forward.ts';
import { weightsUnder } from './common.ts';
import { gru } from './gru.ts';
import { lstm } from './lstm.ts';
import { simpleRnn } from './simple-rnn.ts';

const forwards = { SimpleRNN: simpleRnn, GRU: gru, LSTM: lstm } as const satisfies Record<string, LayerForward>;

export const rnn: LayerForward<RnnConfig> = (config, inputs, weights, context) => {
  const { cells, goBackwards } = config;
  const turned = (tensor: Tensor) => (goBackwards ? tf.reverse(tensor, 1) : tensor);
  const given = statePositions(inputs.length, context.call).map((position) => inputs[position] as Tensor);
  const mask = context.masks?.[0];
  const masks = mask ? [turned(mask)] : undefined;
  const finalStates: Tensor[] = [];
  let x = turned(inputs[0] as Tensor);
  let used = 0;
  for (const [index, cell] of cells.entries()) {
    const { className, states } = layerOfCell(cell);
    const isLast = index === cells.length - 1;
    const inner = {
      ...cell.config,
      goBackwards: false,
      returnState: true,
      returnSequences: isLast ? config.returnSequences : true,
      zeroOutputForMask: isLast && config.zeroOutputForMask,
    };
    const initial = given.slice(used, used + states);
    used += states;
    x = forwards[className](inner as never, [x, ...initial], weightsUnder(cell.prefix, weights), {
      ...context,
      call: {},
      masks,
      emit: (final) => finalStates.push(...final),
    });
  }
  if (config.returnState) context.emit?.(finalStates);
  return x;
};
