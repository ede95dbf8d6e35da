/**
 * Recurrent networks. ONNX orders the gates of an LSTM i, o, f, c and of a GRU z, r, h, and keeps both biases in one row; PyTorch's operations order them
 * i, f, c, o and r, z, h. The rows of the kernels are put in that order inside of the graph, so that parameters keep their names and values.
 */
import type { Argument, Extent } from '../../../topology/operation-graph/graph.ts';
import { type Call, shapeOf, type Translate, type Translations } from '../call.ts';
import type { OnnxValue, Scalar, TensorValue } from '../values.ts';
import { pieces } from './cuts.ts';

interface Kind {
  readonly op: string;
  /** Places of ONNX's gates in PyTorch's order. */
  readonly gates: readonly number[];
  readonly activations: readonly string[];
}

const lstmKind: Kind = { op: 'lstm', gates: [0, 2, 3, 1], activations: ['sigmoid', 'tanh', 'tanh'] };
const gruKind: Kind = { op: 'gru', gates: [1, 0, 2], activations: ['sigmoid', 'tanh'] };

const refOf = ({ ref }: TensorValue): Argument => ({ ref });

/** The rows of one direction, gate by gate in PyTorch's order. */
function reordered(call: Call, rows: TensorValue, { gates }: Kind, hidden: number): TensorValue {
  if (gates.length === 1) return rows;
  const parts = pieces(
    call,
    rows,
    0,
    gates.map(() => hidden),
  );
  const tensors = gates.map((gate) => refOf(parts[gate] as TensorValue));
  return call.emit('cat', { tensors, dim: 0 }, { shape: rows.shape });
}

function select(call: Call, x: TensorValue, index: number): TensorValue {
  return call.emit('select', { self: refOf(x), dim: 0, index }, { dtype: x.dtype, shape: x.shape?.slice(1) ?? null });
}

/** Kernels and biases of a direction. */
function paramsOf(call: Call, kind: Kind, hidden: number, direction: number): TensorValue[] {
  const rows = (index: number) => reordered(call, select(call, call.tensor(index), direction), kind, hidden);
  const kernels = [rows(1), rows(2)];
  if (!call.has(3)) return kernels;
  const count = kind.gates.length * hidden;
  const biases = pieces(call, select(call, call.tensor(3), direction), 0, [count, count]);
  return [...kernels, ...biases.map((bias) => reordered(call, bias, kind, hidden))];
}

function checkOptions(call: Call, { activations }: Kind, directions: number): void {
  const given = (call.texts('activations') ?? []).map((name) => name.toLowerCase());
  const expected = Array.from({ length: directions }, () => activations).flat();
  if (given.length > 0 && `${given}` !== `${expected}`)
    call.unsupported(`has the activations ${given.join(', ')}; ${activations.join(', ')} are read`);
  if (call.float('clip', 0) !== 0) call.unsupported('clips its gates, which is not read');
  if (call.int('input_forget', 0) !== 0) call.unsupported('couples its input and forget gates, which is not read');
  if (call.has(7)) call.unsupported('has peepholes, which are not read');
  call.ignore('activation_alpha', 'activation_beta');
}

/** Lengths of sequences are read where all of them are the whole. */
function checkLengths(call: Call): void {
  if (!call.has(4)) return;
  const lengths = call.value(4);
  const whole = shapeOf(call.value(0))?.[call.int('layout', 0) === 1 ? 1 : 0];
  if (lengths.kind !== 'known' || lengths.elements.some((length) => length !== whole))
    call.unsupported('has sequences of different lengths (sequence_lens), which are not read; export it without masks');
}

const flipped = (call: Call, x: TensorValue, isReversed: boolean, axis: number): TensorValue =>
  isReversed ? call.emit('flip', { self: refOf(x), dims: [axis] }, { shape: x.shape }) : x;

function recurrent(call: Call, kind: Kind): readonly OnnxValue[] {
  const direction = call.text('direction', 'forward');
  const directions = direction === 'bidirectional' ? 2 : 1;
  const kernel = call.tensor(2);
  const hidden = call.int('hidden_size', 0) || (kernel.shape?.at(-1) as number);
  if (!Number.isInteger(hidden) || hidden < 1) call.fail('lacks hidden_size');
  checkOptions(call, kind, directions);
  checkLengths(call);
  const isBatchFirst = call.int('layout', 0) === 1;
  const isReversed = direction === 'reverse';
  const x = flipped(call, call.tensor(0), isReversed, isBatchFirst ? 1 : 0);
  const batch = call.builder.sizeAt(x, isBatchFirst ? 0 : 1, call.origin);
  const sequence = x.shape?.[isBatchFirst ? 1 : 0] ?? null;
  const start = (index: number): TensorValue => {
    if (!call.has(index)) {
      const size: Scalar[] = [directions, batch, hidden];
      return call.emit('zeros', { size }, { shape: call.extents(size) });
    }
    const state = call.tensor(index);
    return isBatchFirst ? call.emit('transpose', { self: refOf(state), dim0: 0, dim1: 1 }) : state;
  };
  const params = Array.from({ length: directions }, (_, at) => paramsOf(call, kind, hidden, at)).flat();
  const isLstm = kind.op === 'lstm';
  const count = call.builder.extentOf(batch);
  const stateShape = [directions, count, hidden];
  const lead: Extent[] = isBatchFirst ? [count, sequence] : [sequence, count];
  const args = {
    input: refOf(x),
    hx: isLstm ? [refOf(start(5)), refOf(start(6))] : refOf(start(5)),
    params: params.map(refOf),
    has_biases: call.has(3),
    num_layers: 1,
    dropout: 0,
    train: false,
    bidirectional: directions === 2,
    batch_first: isBatchFirst,
  };
  const results = [
    { shape: [...lead, directions * hidden] },
    { shape: stateShape },
    ...(isLstm ? [{ shape: stateShape }] : []),
  ];
  const [joined, ...states] = call.builder.emitSeveral(call.origin, kind.op, args, results) as [
    TensorValue,
    ...TensorValue[],
  ];
  const whole = flipped(call, joined, isReversed, isBatchFirst ? 1 : 0);
  // [sequence, batch, directions hidden] -> [sequence, directions, batch, hidden], or with the batch first [batch, sequence, directions, hidden].
  const apart = call.emit(
    'unflatten',
    { self: refOf(whole), dim: 2, sizes: [directions, hidden] },
    { shape: [...lead, directions, hidden] },
  );
  if (isBatchFirst)
    return [
      apart,
      ...states.map((state) =>
        call.emit('transpose', { self: refOf(state), dim0: 0, dim1: 1 }, { shape: [count, directions, hidden] }),
      ),
    ];
  const y = call.emit(
    'transpose',
    { self: refOf(apart), dim0: 1, dim1: 2 },
    { shape: [sequence, directions, count, hidden] },
  );
  return [y, ...states];
}

const lstm: Translate = (call) => recurrent(call, lstmKind);

const gru: Translate = (call) => {
  if (call.int('linear_before_reset', 0) !== 1)
    call.unsupported(
      'resets the state before the product (linear_before_reset = 0); make the layer with reset_after=True (Keras), as PyTorch does',
    );
  return recurrent(call, gruKind);
};

const rnn: Translate = (call) => {
  const [first = 'Tanh'] = call.texts('activations') ?? [];
  const name = first.toLowerCase();
  if (name !== 'tanh' && name !== 'relu') call.unsupported(`has the activation ${first}; Tanh and Relu are read`);
  return recurrent(call, { op: `rnn_${name}`, gates: [0], activations: [name] });
};

export const recurrentOperators: Translations = { LSTM: lstm, GRU: gru, RNN: rnn };
