/**
 * Batches of random data in the shape of a task: standard normal inputs (uniform token ids where a network reads ids), and targets that are
 * independent of them.
 *
 * All numbers come from one seeded stream, whose state is the checkpoint.
 */
import { type Batch, type OneTargetKind, type TargetKind, targetShape } from '../../batch.ts';
import { AppError } from '../../errors.ts';
import { type NDArray, ndarray, sizeOf } from '../../ndarray.ts';
import { createRandom, type RandomStream, restoreRandom } from '../../random.ts';
import type { Node, Shape, Topology } from '../../topology/topology.ts';
import type { BatchStream } from './batch-stream.ts';

/** One input of the network. */
interface NoiseInput {
  /** Shape of one sample. */
  readonly shape: readonly number[];
  /** Number of token ids, which are uniform; null for standard normal inputs. */
  readonly ids: number | null;
}

export interface NoiseTask {
  readonly inputs: readonly NoiseInput[];
  readonly targets: TargetKind;
}

/** The shape with undefined extents taken from the data, where there is data. */
function closed(shape: Shape, given: readonly number[] | undefined, name: string): number[] {
  return shape.map((extent, axis) => {
    const known = extent ?? given?.[axis];
    if (known !== undefined) return known;
    throw new AppError(
      'METHOD_NOT_APPLICABLE',
      `random samples need every extent of ${name}, whose shape is [${shape.map((each) => each ?? 'any')}]; give the shape or a dataset`,
    );
  });
}

/** Number of rows of the smallest embedding that reads the input. */
function idsOf(topology: Topology, input: number, name: string): number {
  const readers = topology.nodes
    .filter((node) => node.inputs.includes(input))
    .map((node) => topology.layers[node.layer]);
  const rows = readers
    .filter((layer) => layer?.className === 'Embedding')
    .map((layer) => layer?.params[0]?.shape[0] ?? 0);
  if (rows.length > 0) return Math.min(...rows);
  throw new AppError(
    'METHOD_NOT_APPLICABLE',
    `random samples for ${name} need an embedding that reads it, to know how many ids there are`,
  );
}

/**
 * The task of a topology.
 *
 * @param given shapes and targets of the dataset; null: they follow from the topology, with one class per output unit
 * Throws METHOD_NOT_APPLICABLE where the topology does not determine them.
 */
export function noiseTask(
  topology: Topology,
  given: { inputShapes: readonly (readonly number[])[]; targets: TargetKind } | null,
): NoiseTask {
  const inputs = topology.inputs.map((id, position): NoiseInput => {
    const { shape, layer } = topology.nodes[id] as Node;
    const name = `the input "${topology.layers[layer]?.name ?? position}"`;
    const reads = topology.inputDtypes[position] === 'int32';
    return { shape: closed(shape, given?.inputShapes[position], name), ids: reads ? idsOf(topology, id, name) : null };
  });
  if (given) return { inputs, targets: given.targets };
  const output = topology.nodes[topology.outputs[0] ?? -1];
  if (!output || topology.outputs.length !== 1) {
    throw new AppError(
      'MODEL_MALFORMED',
      `a loss needs a model with exactly one output, this one has ${topology.outputs.length}`,
    );
  }
  const [units, ...leading] = closed(output.shape, undefined, 'the output').reverse() as [number, ...number[]];
  return { inputs, targets: { kind: 'classes', classes: Math.max(2, units), shape: leading.reverse() } };
}

function fill<T extends Float32Array | Int32Array>(into: T, draw: () => number): T {
  for (let index = 0; index < into.length; index++) into[index] = draw();
  return into;
}

function drawInput({ shape, ids }: NoiseInput, count: number, random: RandomStream): NDArray<'float32' | 'int32'> {
  const size = count * sizeOf(shape);
  if (ids === null)
    return ndarray(
      'float32',
      [count, ...shape],
      fill(new Float32Array(size), () => random.normal()),
    );
  return ndarray(
    'int32',
    [count, ...shape],
    fill(new Int32Array(size), () => random.below(ids)),
  );
}

/** One number of a target that knows nothing of the inputs. */
const drawOne = (targets: OneTargetKind, random: RandomStream) =>
  targets.kind === 'classes' ? random.below(targets.classes) : random.normal();

function drawTargets(targets: TargetKind, count: number, random: RandomStream): Batch['targets'] {
  const shape = [count, ...targetShape(targets)];
  const size = sizeOf(shape);
  if (targets.kind === 'several') {
    const kinds = targets.parts.flatMap((part) => Array<OneTargetKind>(sizeOf(targetShape(part))).fill(part));
    const drawn = Float32Array.from({ length: size }, (_, at) =>
      drawOne(kinds[at % kinds.length] as OneTargetKind, random),
    );
    return ndarray('float32', shape, drawn);
  }
  const draw = () => drawOne(targets, random);
  return targets.kind === 'values'
    ? ndarray('float32', shape, fill(new Float32Array(size), draw))
    : ndarray('int32', shape, fill(new Int32Array(size), draw));
}

/** A stream whose batches are newly drawn at every call. */
export function noiseStream(task: NoiseTask, batchSize: number, seed: number): BatchStream {
  let random = createRandom(seed, 'noise');
  return {
    next: () => ({
      inputs: task.inputs.map((input) => drawInput(input, batchSize, random)),
      targets: drawTargets(task.targets, batchSize, random),
    }),
    state: () => random.state(),
    restore(state) {
      random = restoreRandom(state);
    },
  };
}
