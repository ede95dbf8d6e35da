/** The option `mask`: an array of 0 and 1 beside the targets says which positions have a label; losses and accuracies leave the others out. */
import { sizeOf } from '../ndarray.ts';
import { refuseOption } from './array-names.ts';
import type { Budget } from './budget.ts';
import { createColumn, forEachRow, rowOf } from './column.ts';
import type { RawDataset, RawInput } from './dataset-format.ts';
import type { CompleteOptions } from './options.ts';

type Wish = Pick<CompleteOptions, 'mask' | 'ignoreLabel' | 'targets'>;

/** What transformers and PyTorch ignore. */
const defaultMark = -100;

/**
 * Readers give the mask as the last input: here it leaves the inputs, and the labels of its zeros become the mark of positions without a label.
 *
 * @returns the dataset without the mask, and the options with that mark
 * @throws INVALID_INPUT at `mask` where there is no such array, its shape is not that of the labels, or it holds other numbers than 0 and 1
 */
export function applyMask<W extends Wish>(
  raw: RawDataset,
  wish: W,
  budget: Budget,
  label: string,
): { readonly raw: RawDataset; readonly wish: W } {
  if (wish.mask === undefined) return { raw, wish };
  const refuse = (problem: string): never => refuseOption('mask', `${label}: the mask "${wish.mask}" ${problem}`);
  const mask = raw.inputs.find(({ name }) => name === wish.mask) ?? refuse('is no array or list beside the inputs');
  const inputs = raw.inputs.filter((input) => input !== mask);
  if (inputs.length === 0) refuse('leaves no inputs');
  const { targets } = raw;
  const areIds = targets.names === null && (targets.integer ? wish.targets !== 'values' : wish.targets === 'classes');
  if (!areIds || targets.column.rowSize === 1)
    refuse(`applies to class ids for each position; "${targets.name}" holds something else: leave samples out instead`);
  if (String(extentsOf(mask.column.rowShape)) !== String(extentsOf(targets.column.rowShape)))
    refuse(`has the shape [${mask.column.rowShape}], the labels of a sample have [${targets.column.rowShape}]`);
  const mark = wish.ignoreLabel ?? targets.ignored ?? defaultMark;
  const { labels, left } = maskedLabels(raw, mask, mark, budget, refuse);
  const column = createColumn(targets.column.rowShape, [labels]);
  const note = `${left} positions where "${mask.name}" is 0 have no label.`;
  return {
    raw: { ...raw, inputs, targets: { ...targets, column }, notes: [...raw.notes, note] },
    wish: { ...wish, ignoreLabel: mark },
  };
}

const extentsOf = (shape: readonly number[]) => shape.filter((extent) => extent !== 1);

function maskedLabels(
  { targets, locate }: RawDataset,
  mask: RawInput,
  mark: number,
  budget: Budget,
  refuse: (problem: string) => never,
): { readonly labels: Int32Array; readonly left: number } {
  const { rows, rowShape } = targets.column;
  const rowSize = sizeOf(rowShape);
  budget.take(rows * rowSize * Int32Array.BYTES_PER_ELEMENT, targets.name);
  const labels = new Int32Array(rows * rowSize);
  let left = 0;
  forEachRow(targets.column, null, (data, at, row) => {
    const shown = rowOf(mask.column, row);
    for (let i = 0; i < rowSize; i++) {
      const value = shown.data[shown.at + i];
      if (value !== 0 && value !== 1)
        refuse(`holds ${value} in ${locate(row)}: a mask is of 0 and 1; weights in between are not taken`);
      labels[row * rowSize + i] = value === 1 ? (data[at + i] as number) : mark;
      if (value === 0) left++;
    }
  });
  return { labels, left };
}
