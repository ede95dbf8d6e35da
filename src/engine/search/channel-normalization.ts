/**
 * Scales every output channel of every linear layer to mean `shift` and unit variance on a batch, from front to back.
 *
 *   W[.., c] <- W[.., c] / std_c,   b[c] <- shift - mean_c / std_c      of the outputs before the activation, over samples and positions
 *
 * A channel that is constant on the batch keeps its kernel. A layer without a bias is only scaled.
 */
import type { Batch } from '../../batch.ts';
import { AppError } from '../../errors.ts';
import { type NDArray, ndarray } from '../../ndarray.ts';
import { isLinear, outputKernels, unwrapped, withoutActivation } from '../../topology/structure/output-kernel.ts';
import type { Layer, Param, Topology } from '../../topology/topology.ts';
import { betweenIterations, type SkippedParameter, type Weights } from '../run.ts';
import { scoped, tf } from '../tf.ts';
import { type Arrays, forwardLayer, type LayerCall, walkLayers } from './layer-walk.ts';

export interface NormalizedLayer {
  readonly layer: string;
  readonly channels: number;
  /** Number of channels that are constant on the batch and were not changed. */
  readonly constant: number;
  /** Smallest and largest standard deviation of a channel before scaling. */
  readonly stds: readonly [number, number];
}

/** The axis of the outputs that holds the channels. */
function channelAxis(layer: Layer, rank: number): number {
  const { config } = unwrapped(layer) as { config: { window?: { dataFormat: string } } };
  return config.window?.dataFormat === 'channels_first' ? 1 : rank - 1;
}

/** Mean and standard deviation of every channel over all other axes. */
function channelMoments(call: LayerCall, weights: Arrays): { means: Float32Array; stds: Float32Array } {
  const result = scoped(() => {
    const output = forwardLayer({ ...call, layer: withoutActivation(call.layer) }, weights);
    const axis = channelAxis(call.layer, output.rank);
    const others = output.shape.map((_, index) => index).filter((index) => index !== axis);
    const { mean, variance } = tf.moments(output, others);
    return { means: mean.dataSync() as Float32Array, stds: tf.sqrt(variance).dataSync() as Float32Array };
  });
  if (result.stds.every(Number.isFinite)) return result;
  throw new AppError(
    'DIVERGED',
    `the output of layer "${call.layer.name}" is not finite on the batch; check the inputs`,
    {
      details: { layer: call.layer.name },
    },
  );
}

/** The output channel of element `index` of a kernel. */
function channelOf({ key, shape }: Param, layer: Layer, index: number): number {
  const last = shape.at(-1) as number;
  if (key.endsWith('depthwise_kernel')) return index % ((shape.at(-2) as number) * last);
  const isTransposed = unwrapped(layer).className.endsWith('Transpose');
  return isTransposed ? Math.floor(index / last) % (shape.at(-2) as number) : index % last;
}

function normalize(call: LayerCall, kernel: Param, shift: number, weights: Arrays): NormalizedLayer {
  const { means, stds } = channelMoments(call, weights);
  const { shape, data } = weights.get(kernel.name) as NDArray<'float32'>;
  const scaleOf = (channel: number) => ((stds[channel] as number) > 0 ? 1 / (stds[channel] as number) : 1);
  weights.set(
    kernel.name,
    ndarray(
      'float32',
      shape,
      data.map((value, index) => value * scaleOf(channelOf(kernel, call.layer, index))),
    ),
  );
  const bias = call.layer.params.find(({ group }) => group === 'bias');
  const before = bias && weights.get(bias.name);
  if (bias && before) {
    // mean_c includes the old bias, so that the new mean of channel c is shift.
    const shifted = before.data.map(
      (value, channel) => shift + ((value as number) - (means[channel] as number)) * scaleOf(channel),
    );
    weights.set(bias.name, ndarray('float32', before.shape, shifted));
  }
  return {
    layer: call.layer.name,
    channels: stds.length,
    constant: stds.filter((std) => std === 0).length,
    stds: [Math.min(...stds), Math.max(...stds)],
  };
}

/** A shared layer is normalised at its first application. Throws DIVERGED and the errors of layers; no tensor is left allocated. */
export async function normalizeChannels(
  topology: Topology,
  start: Weights,
  batch: Pick<Batch, 'inputs'>,
  shift: number,
  signal: AbortSignal,
): Promise<{ weights: Weights; layers: NormalizedLayer[]; skipped: SkippedParameter[] }> {
  const weights: Arrays = new Map(start);
  const layers: NormalizedLayer[] = [];
  const skipped: SkippedParameter[] = [];
  await walkLayers(topology, weights, batch, async (call, first) => {
    const kernels = first ? outputKernels(call.layer) : [];
    const [kernel] = kernels;
    if (kernel === undefined) return;
    await betweenIterations(signal);
    if (isLinear(call.layer)) layers.push(normalize(call, kernel, shift, weights));
    else {
      const reason = `the rule is for dense layers and convolutions, not ${call.layer.className}`;
      skipped.push(...kernels.map(({ name }) => ({ parameter: name, reason })));
    }
  });
  return { weights, layers, skipped };
}
