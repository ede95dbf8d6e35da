/** Runs a model as its framework would: moving or batch statistics, dropout off, final activation included. */
import { type NDArray, ndarray } from '../../ndarray.ts';
import type { Topology } from '../../topology/topology.ts';
import { scoped, tf } from '../tf.ts';
import type { ForwardContext } from './layer-forward.ts';
import { createNetwork } from './network.ts';
import { plainWeight } from './weights.ts';

/**
 * @param mode 'moving': inference; 'batch': batch normalisation by the statistics of the inputs
 * @param inputs one array [n, ...] for each input of the topology
 * @returns one float32 array [n, ...] for each output
 */
export async function infer(
  topology: Topology,
  weights: ReadonlyMap<string, NDArray<'float32'>>,
  inputs: readonly NDArray<'float32' | 'int32'>[],
  mode: ForwardContext['batchNorm'] = 'moving',
): Promise<NDArray<'float32'>[]> {
  await tf.ready();
  return scoped(() => {
    const network = createNetwork(topology);
    const byName = new Map(
      [...weights].map(([name, { data, shape }]) => [name, plainWeight(tf.tensor(data, [...shape]))]),
    );
    const tensors = inputs.map(({ data, shape, dtype }) => tf.tensor(data, [...shape], dtype));
    return network
      .forward(byName, tensors, mode)
      .slice(0, topology.outputs.length)
      .map((output) => ndarray('float32', output.shape, output.dataSync() as Float32Array));
  });
}
