/**
 * Normalisations of PyTorch. Variances are biased; running statistics follow the unbiased one.
 *
 *   batch_norm    over all axes but the second, by the statistics of the batch in 'batch' mode, by the running ones in 'moving' mode and where the graph
 *                 was traced with training=False
 *   layer_norm    over the last axes;   group_norm over the channels of a group and space;   instance_norm: a group is one channel
 *   rms_norm      x / sqrt(mean(x^2) + eps) g; eps defaults to the smallest step of float32
 *   _weight_norm  v g / |v|, the norm over all axes but `dim`
 */
import { sizeOf } from '../../../ndarray.ts';
import { batchStatistics, batchNormalization as normalizeBatch } from '../../ops/batch-norm.ts';
import { type Tensor, tf } from '../../tf.ts';
import type { ForwardContext, Weight } from '../layer-forward.ts';
import type { Operands, Operation, Operations } from './arguments.ts';
import { asFloat } from './common.ts';
import { Value } from './value.ts';

/** (x - mean) / sqrt(variance + eps) over `axes`. */
function standardize(x: Tensor, axes: number[], eps: number): Tensor {
  const centred = tf.sub(x, tf.mean(x, axes, true));
  const variance = tf.mean(tf.square(centred), axes, true);
  return tf.mul(centred, tf.rsqrt(tf.add(variance, eps)));
}

const affine = (x: Tensor, gain: Tensor | undefined, shift: Tensor | undefined): Tensor => {
  const scaled = gain ? tf.mul(x, gain) : x;
  return shift ? tf.add(scaled, shift) : scaled;
};

/** [n, ...space, c] of an input [n, c, ...space]; [n, c] stays. */
const channelsLast = (input: Value): Tensor => asFloat(input.rank > 2 ? input.last : input.tensor);
const fromLast = (y: Tensor, input: Value): Value => (input.rank > 2 ? Value.ofLast(y) : Value.of(y));

function observe({ observe: tell }: ForwardContext, x: Tensor, args: Operands, eps: number): void {
  const [mean, variance] = [args.maybe('running_mean')?.weight, args.maybe('running_var')?.weight] as (
    | Weight
    | null
    | undefined
  )[];
  if (!tell || !mean || !variance) return;
  const statistics = batchStatistics(x, args.maybe('weight')?.tensor, args.maybe('bias')?.tensor, eps);
  const momentum = 1 - args.number('momentum');
  tell(mean, statistics.mean, momentum);
  tell(variance, statistics.variance, momentum);
}

function batchNorm(args: Operands, context: ForwardContext, isTraining: boolean): Value {
  const input = args.value('input');
  const [gain, shift] = [args.maybe('weight')?.tensor, args.maybe('bias')?.tensor];
  const eps = args.number('eps');
  const x = channelsLast(input);
  const [mean, variance] = [args.maybe('running_mean'), args.maybe('running_var')];
  const usesBatch = mean === undefined || variance === undefined || (isTraining && context.batchNorm === 'batch');
  if (usesBatch) {
    observe(context, x, args, eps);
    return fromLast(normalizeBatch(x, gain, shift, eps), input);
  }
  const inverse = tf.rsqrt(tf.add(variance.tensor, eps));
  const slope = gain ? tf.mul(inverse, gain) : inverse;
  const drift = tf.mul(mean.tensor, slope);
  const offset = shift ? tf.sub(shift, drift) : tf.neg(drift);
  return fromLast(tf.add(tf.mul(x, slope), offset), input);
}

const batch: Operation = (args, context) => batchNorm(args, context, args.flag('training'));

function layerNorm(args: Operands): Value {
  const x = asFloat(args.tensor('input'));
  const count = (args.ints('normalized_shape') ?? []).length;
  const axes = Array.from({ length: count }, (_, index) => x.rank - count + index);
  return Value.of(
    affine(standardize(x, axes, args.number('eps')), args.maybe('weight')?.tensor, args.maybe('bias')?.tensor),
  );
}

/** Over the channels of each group and space. */
function inGroups(args: Operands, groups: number): Value {
  const input = args.value('input');
  const x = channelsLast(input);
  const channels = x.shape.at(-1) as number;
  const blocks = tf.reshape(x, [x.shape[0] as number, -1, groups, channels / groups]);
  const y = tf.reshape(standardize(blocks, [1, 3], args.number('eps')), x.shape);
  return fromLast(affine(y, args.maybe('weight')?.tensor, args.maybe('bias')?.tensor), input);
}

function instanceNorm(args: Operands, context: ForwardContext): Value {
  const input = args.value('input');
  const tracksStatistics = args.has('running_mean');
  if (args.flag('use_input_stats') && (!tracksStatistics || context.batchNorm === 'batch'))
    return inGroups(args, input.shape[1] as number);
  return batchNorm(args, { ...context, batchNorm: 'moving' }, false);
}

const smallestStep = 2 ** -23;

function rmsNorm(args: Operands): Value {
  const x = asFloat(args.tensor('input'));
  const count = (args.ints('normalized_shape') ?? []).length;
  const axes = Array.from({ length: count }, (_, index) => x.rank - count + index);
  const meanSquare = tf.mean(tf.square(x), axes, true);
  const y = tf.mul(x, tf.rsqrt(tf.add(meanSquare, args.maybeNumber('eps') ?? smallestStep)));
  return Value.of(affine(y, args.maybe('weight')?.tensor, undefined));
}

function weightNorm(args: Operands): Value {
  const [v, g] = [args.tensor('v'), args.tensor('g')];
  const dim = args.int('dim');
  const axes = v.shape.flatMap((_, axis) => (axis === dim ? [] : [axis]));
  const length = tf.sqrt(tf.sum(tf.square(v), dim === -1 ? undefined : axes, dim !== -1));
  return Value.of(tf.mul(v, tf.div(g, length)));
}

export const normalization: Operations = {
  batch_norm: batch,
  native_batch_norm: (args, context) => [batch(args, context) as Value],
  _native_batch_norm_legit: (args, context) => [batch(args, context) as Value],
  '_native_batch_norm_legit.no_stats': (args, context) => [batch(args, context) as Value],
  _native_batch_norm_legit_functional: (args, context) => [batch(args, context) as Value],
  _native_batch_norm_legit_no_training: (args, context) => [batchNorm(args, context, false)],
  layer_norm: layerNorm,
  native_layer_norm: (args) => [layerNorm(args)],
  group_norm: (args) => inGroups(args, args.int('num_groups')),
  native_group_norm(args) {
    if (sizeOf(args.value('input').shape.slice(2)) !== args.int('HxW')) args.fail('HxW does not fit the input');
    return [inGroups(args, args.int('group'))];
  },
  instance_norm: instanceNorm,
  rms_norm: rmsNorm,
  _fused_rms_norm: (args) => [rmsNorm(args)],
  _weight_norm: weightNorm,
  _weight_norm_interface: (args) => [weightNorm(args)],
};
