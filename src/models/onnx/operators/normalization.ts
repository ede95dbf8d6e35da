/**
 * Normalisations. Batch normalisation uses the statistics of the batch in training and the running ones in inference, whatever training_mode says: exporters
 * write 0 for models in training too. Statistics that are constants of the file belong to modules that track none: those use the batch always.
 *
 *   momentum of ONNX: running = momentum running + (1 - momentum) batch;   of PyTorch: 1 - momentum
 */
import type { Argument } from '../../../topology/operation-graph/graph.ts';
import { type Call, shapeOf, type Translations } from '../call.ts';
import type { OnnxValue, TensorValue } from '../values.ts';

/** Null for constants of the file. */
function statisticOf(call: Call, index: number): TensorValue | null {
  const value = call.value(index);
  return value.kind === 'tensor' ? (call.builder.statistics.get(value.ref) ?? value) : null;
}

const isComputed = ({ builder }: Call, value: TensorValue | null): boolean =>
  value !== null && !builder.state.has(value.ref) && ![...builder.statistics.values()].includes(value);

function batchNormalization(call: Call): OnnxValue {
  const x = call.tensor(0);
  call.ignore('training_mode');
  if (call.int('spatial', 1) !== 1)
    call.unsupported('normalises each place of space by itself (spatial = 0), which is not read');
  const [mean, variance] = [statisticOf(call, 3), statisticOf(call, 4)];
  const args = {
    input: { ref: x.ref },
    weight: call.ref(1),
    bias: call.ref(2),
    running_mean: mean && { ref: mean.ref },
    running_var: variance && { ref: variance.ref },
    // Statistics that the network computes are neither running ones nor those of this operator.
    training: !(isComputed(call, mean) || isComputed(call, variance)),
    momentum: 1 - call.float('momentum', 0.9),
    eps: call.float('epsilon', 1e-5),
  };
  return call.emit('batch_norm', args, { shape: x.shape });
}

function instanceNormalization(call: Call): OnnxValue {
  const args = {
    input: call.ref(0),
    weight: call.ref(1),
    bias: call.ref(2),
    running_mean: null,
    running_var: null,
    use_input_stats: true,
    momentum: 0.1,
    eps: call.float('epsilon', 1e-5),
  };
  return call.emit('instance_norm', args, { shape: shapeOf(call.value(0)) });
}

/** Scale and shift are those of channels from opset 21 on, before that those of groups. */
function groupNormalization(call: Call): OnnxValue {
  const groups = call.int('num_groups', 0);
  call.ignore('stash_type');
  const own = shapeOf(call.value(1))?.[0];
  const channels = shapeOf(call.value(0))?.[1];
  if (call.opset < 21 && own !== channels)
    call.unsupported('scales groups and not channels (opset 18 to 20); write the model with opset 21');
  const args = {
    input: call.ref(0),
    num_groups: groups,
    weight: call.ref(1),
    bias: call.ref(2),
    eps: call.float('epsilon', 1e-5),
  };
  return call.emit('group_norm', args, { shape: shapeOf(call.value(0)) });
}

/** The sizes of the axes that are normalised over. */
function lastSizes(call: Call): Argument {
  const x = call.tensor(0);
  const rank = call.rank(x);
  return call.sizes(x).slice(call.axis(call.int('axis', -1), rank));
}

/** What the normalisations over the last axes have in common. */
function lastAxesArguments(call: Call) {
  call.ignore('stash_type');
  return {
    input: call.ref(0),
    normalized_shape: lastSizes(call),
    weight: call.maybeRef(1),
    eps: call.float('epsilon', 1e-5),
  };
}

function layerNormalization(call: Call): OnnxValue {
  const args = { ...lastAxesArguments(call), bias: call.maybeRef(2) };
  return call.emit('layer_norm', args, { shape: shapeOf(call.value(0)) });
}

function rmsNormalization(call: Call): OnnxValue {
  return call.emit('rms_norm', lastAxesArguments(call), { shape: shapeOf(call.value(0)) });
}

/** x / |x|_p */
function lpNormalization(call: Call): OnnxValue {
  const shape = shapeOf(call.value(0));
  const args = { self: call.ref(0), ord: call.int('p', 2), dim: [call.int('axis', -1)], keepdim: true };
  const length = call.emit('linalg_vector_norm', args);
  return call.emit('div', { self: call.ref(0), other: { ref: length.ref } }, { shape });
}

/** x / (bias + alpha / size sum of squares)^beta, over neighbouring channels. */
function localResponse(call: Call): OnnxValue {
  const size = call.int('size', 0);
  if (size % 2 === 0) call.unsupported(`sums over ${size} neighbouring channels; odd numbers are read`);
  const args = {
    self: call.ref(0),
    size,
    alpha: call.float('alpha', 1e-4),
    beta: call.float('beta', 0.75),
    k: call.float('bias', 1),
  };
  return call.emit('local_response_norm', args, { shape: shapeOf(call.value(0)) });
}

export const normalization: Translations = {
  BatchNormalization: batchNormalization,
  InstanceNormalization: instanceNormalization,
  GroupNormalization: groupNormalization,
  LayerNormalization: layerNormalization,
  RMSNormalization: rmsNormalization,
  LpNormalization: lpNormalization,
  LRN: localResponse,
};
