/** Brings the samples to the inputs of a model where that needs no guess: by name, by pure reshape, by the place of the channels, by the wanted dtype. */
import { AppError } from '../errors.ts';
import { sizeOf } from '../ndarray.ts';
import type { Shape, Topology } from '../topology/topology.ts';
import type { Dataset } from './dataset.ts';
import type { InputView } from './samples.ts';

interface ModelInput {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: 'float32' | 'int32';
  /** Rows of the smallest embedding table that reads this input directly; null when none does. */
  readonly idBound: number | null;
}

/** What must be known of a dataset to fit it; it need not be in memory. */
type Fit = Pick<Dataset, 'inputNames' | 'inputShapes' | 'inputDtypes' | 'isWhole' | 'rangeOf'>;

/** The same with what fitting gives. */
export type Fittable<T> = Fit & { withViews(views: readonly InputView[]): T };

type Model = Pick<Topology, 'nodes' | 'layers' | 'inputs' | 'inputDtypes'>;

/** How the dataset is to be seen by each input of the model, its shape without open extents. Throws as fitDataset does. */
export function fittingViews(dataset: Fit, model: Model): InputView[] {
  const wanted = inputsOf(model);
  const order = matchInputs(dataset, wanted);
  return wanted.map((input, i): InputView => {
    const source = order[i] ?? i;
    const have = dataset.inputShapes[source] ?? [];
    const same = reshaped(have, input.shape);
    const front = same === null ? channelsFirst(have, input.shape) : null;
    const shape = same ?? front ?? refuseShape(dataset, source, input);
    const raw = input.dtype === 'int32' || input.idBound !== null;
    if (raw) checkIds(dataset, source, input);
    return {
      source,
      shape,
      dtype: input.dtype,
      raw: raw || dataset.inputDtypes[source] === 'int32',
      ...(front ? { channelsFirst: true } : {}),
    };
  });
}

/**
 * The same dataset with the shapes, dtypes and order of the model's inputs.
 *
 * @throws DATASET_SHAPE_MISMATCH naming both shapes; DATASET_INVALID for token ids outside the embedding's table
 */
export const fitDataset = <T>(dataset: Fittable<T>, model: Model): T => dataset.withViews(fittingViews(dataset, model));

function inputsOf({ nodes, layers, inputs, inputDtypes }: Model): ModelInput[] {
  return inputs.map((id, i) => {
    const node = nodes[id];
    if (node === undefined) throw new AppError('INTERNAL', `input node ${id} is not in the topology`);
    const tables = nodes
      .filter((other) => other.inputs[0] === id && layers[other.layer]?.className === 'Embedding')
      .map((other) => layers[other.layer]?.params[0]?.shape[0] ?? Number.POSITIVE_INFINITY);
    const idBound = tables.length > 0 ? Math.min(...tables) : null;
    return {
      name: layers[node.layer]?.name ?? `input ${i}`,
      shape: node.shape,
      dtype: inputDtypes[i] ?? 'float32',
      idBound,
    };
  });
}

/** By name where all names agree, else by position. */
function matchInputs({ inputNames }: Fit, wanted: readonly ModelInput[]): number[] {
  if (inputNames.length !== wanted.length) {
    const [have, want] = [inputNames.join(', '), wanted.map(({ name }) => name).join(', ')];
    throw new AppError(
      'DATASET_SHAPE_MISMATCH',
      `the dataset has ${inputNames.length} input(s) (${have}), the model has ${wanted.length} (${want})`,
    );
  }
  const byName = wanted.map(({ name }) => inputNames.indexOf(name));
  return byName.includes(-1) ? wanted.map((_, i) => i) : byName;
}

const withoutOnes = (shape: Shape) => shape.filter((extent) => extent !== 1);
const agree = (have: readonly number[], want: Shape) =>
  have.length === want.length && want.every((extent, axis) => extent === null || extent === have[axis]);

/** The model's shape with its open extents filled from the data; null when only a guess would fit. */
function reshaped(have: readonly number[], want: Shape): readonly number[] | null {
  if (agree(have, want)) return have;
  const extents = have.filter((extent) => extent !== 1);
  if (agree(extents, withoutOnes(want))) {
    const rest = extents.values();
    return want.map((extent) => (extent === 1 ? 1 : (rest.next().value ?? 1)));
  }
  // Flattening and its reverse are the only other reshapes that keep the order of the axes.
  const fixed = want.filter((extent) => extent !== null);
  const isFlat = extents.length <= 1 || withoutOnes(want).length <= 1;
  return isFlat && fixed.length === want.length && sizeOf(fixed) === sizeOf(have) ? fixed : null;
}

/** [c, h, w] for samples [h, w, c], where the model wants that: PyTorch puts the channels first. */
function channelsFirst(have: readonly number[], want: Shape): readonly number[] | null {
  const [height = 0, width = 0, channels = 0] = have;
  const moved = [channels, height, width];
  return have.length === 3 && agree(moved, want) ? moved : null;
}

function refuseShape(dataset: Fit, source: number, { name, shape }: ModelInput): never {
  const have = dataset.inputShapes[source] ?? [];
  const [first = 0, ...rest] = have;
  const isTransposed = have.length === 3 && agree([...rest, first], shape);
  const fix = isTransposed
    ? '; if the images are stored channels first, set the dataset option layout to "channels-first"'
    : '';
  throw new AppError(
    'DATASET_SHAPE_MISMATCH',
    `samples of "${dataset.inputNames[source]}" have shape [${have}], the model's input "${name}" takes [${shape.map((extent) => extent ?? 'any')}]${fix}`,
    { details: { have, want: shape, input: name } },
  );
}

function checkIds(dataset: Fit, source: number, { name, idBound }: ModelInput): void {
  const array = `"${dataset.inputNames[source]}"`;
  if (!dataset.isWhole(source)) {
    throw new AppError(
      'DATASET_INVALID',
      `${array} holds fractions, the model's input "${name}" takes whole numbers (ids)`,
    );
  }
  const { min, max } = dataset.rangeOf(source);
  if (min < 0)
    throw new AppError('DATASET_INVALID', `${array} holds the id ${min}, the ids of input "${name}" start at 0`);
  if (idBound !== null && max >= idBound) {
    throw new AppError(
      'DATASET_INVALID',
      `${array} holds the id ${max}, the embedding of input "${name}" has ${idBound} rows (0..${idBound - 1}): raise its input_dim`,
    );
  }
}
