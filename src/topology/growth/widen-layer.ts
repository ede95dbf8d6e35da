/**
 * Computes the parameters of a layer for repeated channels, so that its output is that of the smaller layer, repeated.
 *
 *   outputs   unit j has the weights of unit r(j)
 *   inputs    the weight of a channel i that is repeated at i1, i2, ... is split: W[i1] + W[i2] + ... = W[i]
 *
 * Equal parts, 1 / n each, leave repeated units equal during all of training unless something random differs, because their gradients are equal.
 * Unequal parts give them different gradients and the same output.
 *
 * Chen, Goodfellow, Shlens: Net2Net, ICLR 2016, arXiv:1511.05641 (even parts and noise). The uneven parts: Wang et al., LEMON, ICLR 2024,
 * arXiv:2310.07999 (section 4.1).
 */
import type { NDArray } from '../../ndarray.ts';
import type { RandomStream } from '../../random.ts';
import { unwrapped } from '../structure/output-kernel.ts';
import type { Layer, Param } from '../topology.ts';
import { type ChannelMap, free, repeatsOf } from './channel-map.ts';
import { type AxisTake, everything, take } from './take.ts';

export interface Widening {
  /** The channel map of each input; null where it belongs to a layer that the source does not have. */
  readonly inputs: readonly ChannelMap[];
  readonly output: ChannelMap;
  /** Relative difference between the parts of a split weight, 0 to 1. */
  readonly asymmetry: number;
  readonly random: RandomStream;
}

/** Source indexes and weight parts of repeated channels. @throws RangeError where nothing determines what is repeated */
function splitChannels(map: ChannelMap, asymmetry: number, random: RandomStream): AxisTake {
  const { index, sourceExtent } = known(map);
  const parts = index.map(() => 1 + asymmetry * (2 * random.uniform() - 1));
  const totals = new Float64Array(sourceExtent);
  index.forEach((unit, position) => {
    totals[unit] = (totals[unit] ?? 0) + (parts[position] as number);
  });
  const factor = index.map((unit, position) => (parts[position] as number) / (totals[unit] as number));
  return { index, factor };
}

function known(map: ChannelMap) {
  const repeats = repeatsOf(map);
  if (repeats === null) throw new RangeError('reads a layer that the source does not have');
  return repeats;
}

const repeated = (extent: number, sourceExtent: number): AxisTake => ({
  index: Array.from({ length: extent }, (_, unit) => unit % sourceExtent),
});

/** The input of attention that a projection reads. */
const attentionInput = { query: 0, value: 1, key: 2 } as const;

/**
 * One parameter of the wider layer from that of the smaller one.
 *
 * @throws RangeError with the reason, where the class has no rule for extents that differ
 */
export function widenParam(
  layer: Layer,
  param: Param,
  tensor: NDArray<'float32'>,
  { inputs, output, asymmetry, random }: Widening,
): NDArray<'float32'> {
  const { className } = unwrapped(layer);
  const [first] = inputs as [ChannelMap];
  const units = (): AxisTake => ({ index: known(output).index });
  const split = (map: ChannelMap) => splitChannels(map, asymmetry, random);
  const kept = tensor.shape.map(everything);
  const key = param.key.split('/').at(-1) ?? param.key;
  const fit = (takes: readonly AxisTake[]): NDArray<'float32'> => {
    if (takes.every(({ index }, axis) => index.length === param.shape[axis])) return take(tensor, takes);
    throw new RangeError(`${param.name} [${param.shape}] cannot be made of [${tensor.shape}]`);
  };
  if (className === 'MultiHeadAttention') return fit(attentionTakes());
  if (key === 'depthwise_kernel')
    return fit([...kept.slice(0, -2), { index: known(first).index }, everything(tensor.shape.at(-1) as number)]);
  if (key === 'pointwise_kernel') {
    const by = layer.params.find(({ key: own }) => own.endsWith('depthwise_kernel'))?.shape.at(-1) ?? 1;
    return fit([...kept.slice(0, -2), split({ kind: 'multiplied', of: first, by }), units()]);
  }
  if (key === 'kernel' && /^Conv\dDTranspose$/.test(className))
    return fit([...kept.slice(0, -2), units(), split(first)]);
  if (key === 'kernel' && /^(Dense|Conv\dD)$/.test(className))
    return fit([...kept.slice(0, -2), split(first), units()]);
  if (key === 'embeddings') return fit([everything(tensor.shape[0] as number), units()]);
  // Biases, gains, statistics and slopes have one element per unit.
  if (!key.endsWith('kernel') && tensor.shape.at(-1) === known(output).sourceExtent)
    return fit([...kept.slice(0, -1), units()]);
  return fit(kept);

  function attentionTakes(): readonly AxisTake[] {
    const name = param.key.split('/').at(-2) ?? '';
    const heads = (axis: number) => repeated(param.shape[axis] as number, tensor.shape[axis] as number);
    if (name === 'attention_output') {
      if (key === 'bias') return [units()];
      const map = free(param.shape[0] as number, tensor.shape[0] as number);
      return [split(map), everything(tensor.shape[1] as number), units()];
    }
    if (key === 'bias') return [heads(0), everything(tensor.shape[1] as number)];
    const at = attentionInput[name as keyof typeof attentionInput] ?? 0;
    return [split(inputs[at] ?? inputs[1] ?? first), heads(1), everything(tensor.shape[2] as number)];
  }
}
