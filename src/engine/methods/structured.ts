/** Fills kernels, matrix by matrix, with numbers that depend only on positions: the common part of methods without random numbers. */
import { type NDArray, ndarray, sizeOf } from '../../ndarray.ts';
import { attentionAxes, type KernelMatrices, kernelMatrices } from '../../topology/structure/kernel-matrix.ts';
import type { Layer, Param } from '../../topology/topology.ts';

/** Returns the element (input, output) of a matrix of `inputs` x `outputs`; called once per matrix. */
export type EntryOf = (inputs: number, outputs: number) => (input: number, output: number) => number;

/** Fills every matrix of a kernel; all taps of a convolution are one matrix with rows taps x in. */
export function fillMatrices(layer: Layer, param: Param, entryOf: EntryOf): NDArray<'float32'> {
  return fillRows(param, kernelMatrices(layer, param), 0, entryOf);
}

function fillRows(
  param: Param,
  { count, rows, columns, offset }: KernelMatrices,
  firstRow: number,
  entryOf: EntryOf,
): NDArray<'float32'> {
  const data = new Float32Array(sizeOf(param.shape));
  for (let matrix = 0; matrix < count; matrix++) {
    const entry = entryOf(rows, columns);
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++)
        data[offset(matrix, firstRow + row, column)] = entry(row, column);
  }
  return ndarray('float32', param.shape, data);
}

/** True for kernels of convolutions. Attention projections also have three axes, but no taps. */
export const hasTaps = (param: Pick<Param, 'key' | 'shape'>): boolean =>
  param.shape.length >= 3 && attentionAxes(param) === undefined;

/** The matrices of a convolution, one per tap. */
export function tapMatrices(layer: Layer, param: Param): KernelMatrices & { readonly taps: number } {
  const all = kernelMatrices(layer, param);
  const taps = sizeOf(param.shape.slice(0, -2));
  return { ...all, taps, rows: all.rows / taps };
}

/** Index of the tap that 'same' padding aligns with the output: floor((size - 1) / 2) along every axis. */
export function centreTap(size: readonly number[]): number {
  return size.reduce((position, extent) => position * extent + Math.floor((extent - 1) / 2), 0);
}

/** A convolution that is zero except for the matrix at its centre tap. */
export function fillCentre(layer: Layer, param: Param, entryOf: EntryOf): NDArray<'float32'> {
  const matrices = tapMatrices(layer, param);
  return fillRows(param, matrices, centreTap(param.shape.slice(0, -2)) * matrices.rows, entryOf);
}
