/** Checks that two networks compute the same function, by their outputs on the same inputs in inference mode. */
import { AppError } from '../../errors.ts';
import { type NDArray, ndarray, sizeOf } from '../../ndarray.ts';
import { createRandom } from '../../random.ts';
import type { EmbeddingConfig } from '../../topology/layers/embedding.ts';
import { layerAt, type Node, type Topology } from '../../topology/topology.ts';
import { infer } from '../network/infer.ts';
import type { Problem, SourceNetwork } from '../run.ts';

/** Number of samples on which the networks are compared. */
const probes = 8;
/** Value of extents that only the data determines. */
const assumedExtent = 8;

/** Number of rows of the smallest embedding table. */
function vocabulary({ layers }: Topology): number {
  const sizes = layers
    .filter(({ className }) => className === 'Embedding')
    .map(({ config }) => (config as EmbeddingConfig).rows);
  return Math.min(...sizes, Number.MAX_SAFE_INTEGER);
}

/** Samples of the data; without data standard normal numbers and uniform ids. */
function probesOf({ topology, samples, seed }: Problem): readonly NDArray<'float32' | 'int32'>[] {
  if (samples)
    return samples.gather(Array.from({ length: Math.min(probes, samples.size) }, (_, index) => index)).inputs;
  const random = createRandom(seed, 'probes of the function');
  const ids = Math.min(vocabulary(topology), 2 ** 31);
  return topology.inputs.map((id, position) => {
    const shape = [probes, ...(topology.nodes[id] as Node).shape.map((extent) => extent ?? assumedExtent)];
    const length = sizeOf(shape);
    return topology.inputDtypes[position] === 'int32'
      ? ndarray(
          'int32',
          shape,
          Int32Array.from({ length }, () => Math.floor(random.uniform() * ids)),
        )
      : ndarray(
          'float32',
          shape,
          Float32Array.from({ length }, () => random.normal()),
        );
  });
}

/**
 * @returns the largest difference of the outputs, relative to the largest output of the source
 * @throws METHOD_NOT_APPLICABLE where it is above `tolerance`
 */
export async function assertSameFunction(problem: Problem, source: SourceNetwork, tolerance: number): Promise<number> {
  const inputs = probesOf(problem);
  const own = await infer(problem.topology, problem.weights, inputs);
  const other = await infer(source.topology, source.weights, inputs);
  let [difference, largest] = [0, 0];
  for (const [index, { data, shape }] of other.entries()) {
    const output = own[index];
    if (`${output?.shape}` !== `${shape}`)
      throw new AppError('METHOD_NOT_APPLICABLE', `the outputs have the shapes [${output?.shape}] and [${shape}]`);
    data.forEach((value, at) => {
      largest = Math.max(largest, Math.abs(value));
      difference = Math.max(difference, Math.abs(value - (output?.data[at] ?? Number.NaN)));
    });
  }
  const relative = largest === 0 ? difference : difference / largest;
  if (relative <= tolerance) return relative;
  const last = layerAt(problem.topology, problem.topology.outputs[0] as number);
  throw new AppError(
    'METHOD_NOT_APPLICABLE',
    `the larger network does not compute what the source computes: outputs of "${last.name}" differ by ${relative.toPrecision(2)} of the largest, ${tolerance} is allowed. A layer normalisation over channels that are not all repeated equally often, or a new layer after an activation that changes its own output, does that; choose extents that are multiples of the source's, or another tolerance`,
  );
}
