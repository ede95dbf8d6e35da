/**
 * Recurrent networks of PyTorch, step by step. Gates lie side by side in the kernels' first axis:
 *
 *   LSTM  i, f, g, o    c' = f c + i g,  h' = o tanh(c')
 *   GRU   r, z, n       n = tanh(W_n x + b + r (U_n h + d)),  h' = (1 - z) n + z h
 *   RNN                 h' = tanh or relu (W x + b + U h + d)
 *
 * The products with the input are made for all steps at once.
 */
import { AppError } from '../../../errors.ts';
import { type Tensor, tf } from '../../tf.ts';
import type { Operands, Operation, Operations } from './arguments.ts';
import { asFloat } from './common.ts';
import { product } from './linear-algebra.ts';
import { Value } from './value.ts';

/** Outputs of a step: the hidden state first, further states after it. */
type States = readonly Tensor[];
/** @param x the input's share of the gates; @param h the hidden state's share */
type Cell = (x: Tensor, h: Tensor, states: States) => States;

const gates = (x: Tensor, count: number) => tf.split(x, count, -1) as Tensor[];

const lstmCell: Cell = (x, h, [, c]) => {
  const [i, f, g, o] = gates(tf.add(x, h), 4) as [Tensor, Tensor, Tensor, Tensor];
  const next = tf.add(tf.mul(tf.sigmoid(f), c as Tensor), tf.mul(tf.sigmoid(i), tf.tanh(g)));
  return [tf.mul(tf.sigmoid(o), tf.tanh(next)), next];
};

const gruCell: Cell = (x, h, [state]) => {
  const [xr, xz, xn] = gates(x, 3) as [Tensor, Tensor, Tensor];
  const [hr, hz, hn] = gates(h, 3) as [Tensor, Tensor, Tensor];
  const n = tf.tanh(tf.add(xn, tf.mul(tf.sigmoid(tf.add(xr, hr)), hn)));
  return [tf.add(n, tf.mul(tf.sigmoid(tf.add(xz, hz)), tf.sub(state as Tensor, n)))];
};

const simpleCell =
  (activate: (x: Tensor) => Tensor): Cell =>
  (x, h) => [activate(tf.add(x, h))];

interface Weights {
  readonly input: Value;
  readonly hidden: Value;
  readonly biases: readonly (Value | undefined)[];
  /** Of an LSTM whose output is smaller than its state. */
  readonly projection: Value | undefined;
}

const share = (x: Tensor, kernel: Value, bias: Value | undefined): Tensor => {
  const y = kernel.applyLinear((theta) => product(x, theta, true));
  return bias ? tf.add(y, bias.tensor) : y;
};

/** One direction of one layer over x [t, n, d]. */
function scan(x: Tensor, weights: Weights, start: States, cell: Cell, isReversed: boolean): [Tensor, States] {
  const { input, hidden, biases, projection } = weights;
  // A copy: the list that tfjs gives is the tape's own, and a gradient finds its outputs by their places in it.
  const steps = [...tf.unstack(share(x, input, biases[0]), 0)];
  if (isReversed) steps.reverse();
  let states = start;
  const outputs = steps.map((step) => {
    const [h, ...others] = cell(step, share(states[0] as Tensor, hidden, biases[1]), states);
    const made = projection ? projection.applyLinear((theta) => product(h as Tensor, theta, true)) : (h as Tensor);
    states = [made, ...others];
    return made;
  });
  if (isReversed) outputs.reverse();
  return [tf.stack(outputs, 0), states];
}

const recurrent =
  (cell: Cell, stateCount: 1 | 2): Operation =>
  (args) => {
    const input = args.value('input');
    const isSingle = input.rank === 2;
    const batchFirst = args.flag('batch_first') && !isSingle;
    const given = asFloat(isSingle ? tf.expandDims(input.tensor, 1) : input.tensor);
    let x = batchFirst ? tf.transpose(given, [1, 0, 2]) : given; // [t, n, d]
    const directions = args.flag('bidirectional') ? 2 : 1;
    const layers = args.int('num_layers');
    const starts = (stateCount === 1 ? [args.value('hx')] : args.values('hx')).map((state) =>
      tf.unstack(asFloat(isSingle ? tf.expandDims(state.tensor, 1) : state.tensor), 0),
    );
    const params = args.values('params');
    const perCell = params.length / (layers * directions);
    const hasBiases = args.flag('has_biases');
    const finals: Tensor[][] = starts.map(() => []);
    for (let layer = 0; layer < layers; layer++) {
      const sides = Array.from({ length: directions }, (_, direction) => {
        const at = layer * directions + direction;
        const own = params.slice(at * perCell, (at + 1) * perCell);
        const weights = {
          input: own[0] as Value,
          hidden: own[1] as Value,
          biases: hasBiases ? own.slice(2, 4) : [],
          projection: own[hasBiases ? 4 : 2],
        };
        const start = starts.map((states) => states[at] as Tensor);
        const [y, last] = scan(x, weights, start, cell, direction === 1);
        last.forEach((state, index) => {
          finals[index]?.push(state);
        });
        return y;
      });
      x = sides.length === 1 ? (sides[0] as Tensor) : tf.concat(sides, -1);
    }
    const y = batchFirst ? tf.transpose(x, [1, 0, 2]) : x;
    const plain = (tensor: Tensor) => Value.of(isSingle ? tf.squeeze(tensor, [1]) : tensor);
    return [plain(y), ...finals.map((states) => plain(tf.stack(states, 0)))];
  };

const single =
  (cell: Cell, stateCount: 1 | 2): Operation =>
  (args: Operands) => {
    const states = (stateCount === 1 ? [args.value('hx')] : args.values('hx')).map((state) => asFloat(state.tensor));
    const [h] = states;
    if (h === undefined) throw new AppError('LAYER_INVALID', 'has no hidden state');
    const x = share(asFloat(args.tensor('input')), args.value('w_ih'), args.maybe('b_ih'));
    return cell(x, share(h, args.value('w_hh'), args.maybe('b_hh')), states).map((state) => Value.of(state));
  };

const tanhCell = simpleCell((x) => tf.tanh(x));
const reluCell = simpleCell((x) => tf.relu(x));

export const recurrentOperations: Operations = {
  lstm: recurrent(lstmCell, 2),
  gru: recurrent(gruCell, 1),
  rnn_tanh: recurrent(tanhCell, 1),
  rnn_relu: recurrent(reluCell, 1),
  lstm_cell: single(lstmCell, 2),
  gru_cell: single(gruCell, 1),
  rnn_tanh_cell: single(tanhCell, 1),
  rnn_relu_cell: single(reluCell, 1),
};
