/**
 * The matrices of a kernel, to which "orthogonal" and "rows >= columns" refer.
 *
 *   dense, convolution [..., in, out]      one matrix, rows = taps x in, columns = out; one per group of a grouped convolution
 *   depthwise          [..., in, mult]     one per channel, because channels are not mixed
 *   recurrent          [in, gates units]   one per gate, concatenated in the last axis
 *   PyTorch            [out, in, taps]     one matrix, rows = in x taps, columns = out
 *   attention          [in, heads, size]   one matrix in x (heads size); [heads, size, out] one matrix (heads size) x out
 */
import { sizeOf } from '../../ndarray.ts';
import type { BidirectionalConfig } from '../layers/bidirectional.ts';
import type { ConvConfig } from '../layers/conv.ts';
import type { TimeDistributedConfig } from '../layers/time-distributed.ts';
import type { Layer, LayerParam } from '../topology.ts';

export interface KernelMatrices {
  readonly count: number;
  readonly rows: number;
  readonly columns: number;
  /** Index in the kernel's buffer of the element (row, column) of a matrix. */
  offset(matrix: number, row: number, column: number): number;
}

const attentionInput = /(^|\/)(query|key|value)\/kernel$/;

/** Axes that multiply to fan-in and fan-out of an attention kernel; undefined for other kernels. */
export function attentionAxes({
  key,
  shape,
}: Pick<LayerParam, 'key' | 'shape'>): { inputAxes: number[]; outputAxes: number[] } | undefined {
  if (shape.length !== 3) return undefined;
  if (attentionInput.test(key)) return { inputAxes: [0], outputAxes: [1, 2] };
  return key.endsWith('attention_output/kernel') ? { inputAxes: [0, 1], outputAxes: [2] } : undefined;
}

/** Number of matrices that are concatenated in the last axis: gates, or groups of a convolution. */
function sideBySide(className: string, config: unknown): number {
  switch (className) {
    case 'GRU':
      return 3;
    case 'LSTM':
      return 4;
    case 'Bidirectional':
      return sideBySide((config as BidirectionalConfig).forward.cell, null);
    case 'Conv1D':
    case 'Conv2D':
    case 'Conv3D':
      return (config as ConvConfig).groups;
    case 'TimeDistributed': {
      const inner = config as TimeDistributedConfig;
      return sideBySide(inner.className, inner.config);
    }
    default:
      return 1;
  }
}

/** [out, in, ...space]: rows of the buffer are columns of the matrix; groups and gates are concatenated in the first axis. */
function outputFirstMatrices(shape: readonly number[], blocks: number): KernelMatrices {
  const rows = sizeOf(shape.slice(1));
  const columns = (shape[0] ?? 1) / blocks;
  return { count: blocks, rows, columns, offset: (matrix, row, column) => (matrix * columns + column) * rows + row };
}

/** The matrices of a kernel, which has at least two axes. */
export function kernelMatrices(
  { className, config }: Pick<Layer, 'className' | 'config'>,
  param: Pick<LayerParam, 'key' | 'shape' | 'outputFirst'>,
): KernelMatrices {
  const { key, shape } = param;
  if (param.outputFirst) return outputFirstMatrices(shape, param.outputFirst.blocks);
  const last = shape.at(-1) ?? 1;
  if (key.endsWith('depthwise_kernel')) {
    const channels = shape.at(-2) ?? 1;
    const offset = (channel: number, row: number, column: number) => (row * channels + channel) * last + column;
    return { count: channels, rows: sizeOf(shape.slice(0, -2)), columns: last, offset };
  }
  const axes = attentionAxes(param);
  const width = axes ? sizeOf(axes.outputAxes.map((axis) => shape[axis] as number)) : last;
  const count = key.endsWith('pointwise_kernel') ? 1 : sideBySide(className, config);
  const columns = width / count;
  return {
    count,
    rows: sizeOf(shape) / width,
    columns,
    offset: (matrix, row, column) => row * width + matrix * columns + column,
  };
}
