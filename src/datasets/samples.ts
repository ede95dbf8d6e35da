/** Gathers samples by index out of the compact arrays: converted, normalised and transposed on the way, so that nothing is stored twice. */
import type { Batch, OneTargetKind, SampleSource, TargetKind } from '../batch.ts';
import { AppError } from '../errors.ts';
import { type NDArray, sizeOf } from '../ndarray.ts';
import type { ArrangedInput } from './arrange.ts';
import { type Column, rowOf } from './column.ts';
import type { Normalization } from './normalization.ts';
import { type OneTarget, partsOf, type SeveralTargets, type Targets } from './targets.ts';

/** How one input of a model sees one array of the data. */
export interface InputView {
  /** Position in the data's inputs. */
  readonly source: number;
  /** Same number of elements as the sample has. */
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
  /** True when the stored numbers come out unchanged: ids. */
  readonly raw: boolean;
  /** True where the model wants [c, h, w] of samples [h, w, c]. */
  readonly channelsFirst?: boolean;
}

/** All data of a dataset, however it is viewed. */
export interface SampleStore {
  readonly inputs: readonly (ArrangedInput & { readonly normalization: Normalization })[];
  readonly targets: Targets;
}

/** The samples of `rows` (null: all), as `views` show them. */
export function createSampleSource(
  store: SampleStore,
  views: readonly InputView[],
  rows: Int32Array | null,
): SampleSource {
  const size = rows?.length ?? rowsOf(store.targets);
  const gathers = views.map((view) => createGather(store.inputs[view.source] as SampleStore['inputs'][number], view));
  return {
    size,
    inputShapes: views.map(({ shape }) => shape),
    inputDtypes: views.map(({ dtype }) => dtype),
    targets: targetKind(store.targets),
    gather(indices): Batch {
      const picked = Int32Array.from(indices, (index) => {
        if (!Number.isInteger(index) || index < 0 || index >= size) {
          throw new AppError('INTERNAL', `sample index ${index} is outside 0..${size - 1}`);
        }
        return rows === null ? index : (rows[index] as number);
      });
      return { inputs: gathers.map((gather) => gather(picked)), targets: gatherTargets(store.targets, picked) };
    },
  };
}

export const rowsOf = (targets: Targets): number => partsOf(targets)[0]?.column.rows ?? 0;

export function targetKind(targets: Targets): TargetKind {
  return targets.kind === 'several'
    ? { kind: 'several', parts: targets.parts.map(oneTargetKind) }
    : oneTargetKind(targets);
}

export function oneTargetKind(targets: OneTarget): OneTargetKind {
  const shape = targets.column.rowShape;
  if (targets.kind === 'values') return { kind: 'values', shape, ...(targets.isBinary ? { isBinary: true } : {}) };
  return { kind: 'classes', classes: targets.classes, ...(shape.length === 0 ? {} : { shape }) };
}

function gatherTargets(targets: Targets, rows: Int32Array): Batch['targets'] {
  if (targets.kind === 'several') return gatherSeveral(targets, rows);
  const { kind, column } = targets;
  const { rowShape, rowSize } = column;
  const shape = [rows.length, ...rowShape];
  const length = rows.length * rowSize;
  if (kind === 'classes') return { dtype: 'int32', shape, data: copyRows(column, rows, new Int32Array(length)) };
  return { dtype: 'float32', shape, data: copyRows(column, rows, new Float32Array(length)) };
}

/** Those of each output one after the other, in every row. */
function gatherSeveral({ parts }: SeveralTargets, rows: Int32Array): Batch['targets'] {
  const width = parts.reduce((sum, { column }) => sum + column.rowSize, 0);
  const data = new Float32Array(rows.length * width);
  rows.forEach((row, i) => {
    let into = i * width;
    for (const { column } of parts) {
      const { data: from, at } = rowOf(column, row);
      data.set(from.subarray(at, at + column.rowSize), into);
      into += column.rowSize;
    }
  });
  return { dtype: 'float32', shape: [rows.length, width], data };
}

function copyRows<T extends Int32Array | Float32Array>(column: Column, rows: Int32Array, target: T): T {
  const { rowSize } = column;
  rows.forEach((row, i) => {
    const { data, at } = rowOf(column, row);
    target.set(data.subarray(at, at + rowSize), i * rowSize);
  });
  return target;
}

type Gather = (rows: Int32Array) => NDArray<'float32' | 'int32'>;

function createGather(input: SampleStore['inputs'][number], view: InputView): Gather {
  const { shape, dtype, raw } = view;
  const rowSize = sizeOf(shape);
  const plain = raw || input.normalization.mode === 'none' ? createCopy(input) : createAffine(input);
  const write = view.channelsFirst ? channelsToFront(plain, shape[0] as number, rowSize) : plain;
  const fillRows = (data: Float32Array | Int32Array, rows: Int32Array) => {
    for (let i = 0; i < rows.length; i++) write(data, i * rowSize, rows[i] as number);
  };
  return (rows) => {
    const batchShape = [rows.length, ...shape];
    if (dtype === 'int32') {
      const data = new Int32Array(rows.length * rowSize);
      fillRows(data, rows);
      return { dtype, shape: batchShape, data };
    }
    const data = new Float32Array(rows.length * rowSize);
    fillRows(data, rows);
    return { dtype, shape: batchShape, data };
  };
}

/** Writes one sample, channels last. */
type WriteRow = (target: Float32Array | Int32Array, at: number, row: number) => void;

/** Writes [c, h, w] what `write` gives as [h, w, c]. */
function channelsToFront(write: WriteRow, channels: number, size: number): WriteRow {
  const pixels = size / channels;
  // Ids and values of both types fit a double.
  const scratch = new Float64Array(size) as unknown as Float32Array;
  return (target, at, row) => {
    write(scratch, 0, row);
    for (let c = 0; c < channels; c++)
      for (let p = 0; p < pixels; p++) target[at + c * pixels + p] = scratch[p * channels + c] as number;
  };
}

function createCopy({ column, layout, channelsFirst }: ArrangedInput): WriteRow {
  const { channels, pixels, channelStride, pixelStride } = layout;
  return (target, at, row) => {
    const { data, at: from } = rowOf(column, row);
    if (!channelsFirst) {
      target.set(data.subarray(from, from + column.rowSize), at);
      return;
    }
    for (let c = 0; c < channels; c++) {
      for (let p = 0; p < pixels; p++)
        target[at + p * channels + c] = data[from + p * pixelStride + c * channelStride] as number;
    }
  };
}

/** value = (stored - offset_c) / scale_c, in float64, rounded once when it is stored. */
function createAffine({ column, layout, normalization }: SampleStore['inputs'][number]): WriteRow {
  const { channels, pixels, channelStride, pixelStride } = layout;
  const offset = Float64Array.from(normalization.offset);
  const scale = Float64Array.from(normalization.scale);
  return (target, at, row) => {
    const { data, at: from } = rowOf(column, row);
    for (let c = 0; c < channels; c++) {
      const [shift, spread] = [offset[c] as number, scale[c] as number];
      let i = from + c * channelStride;
      let j = at + c;
      for (let p = 0; p < pixels; p++, i += pixelStride, j += channels) {
        target[j] = ((data[i] as number) - shift) / spread;
      }
    }
  };
}
