/**
 * From the labels of a file to class ids 0..n-1, the same in all parts.
 *
 * Names get ids in the order of their code points (Python's `sorted`), numbers in numeric order; a set of numbers that starts at 0 keeps its numbers, holes
 * included; ids that the file fixes stay. Positions without a label become `ignoredId`.
 */
import { ignoredId } from '../batch.ts';
import { AppError } from '../errors.ts';
import { refuseOption } from './array-names.ts';
import { type Column, createColumn } from './column.ts';
import type { RawDataset, RawTargets } from './dataset-format.ts';
import { countLabels, forEachLabel, type LabelCounts, maxDistinct, whyImprobable } from './label-statistics.ts';
import { compareCodePoints } from './parts.ts';

export interface ClassLabels {
  readonly kind: 'classes';
  readonly classes: number;
  /** Names by id; numbers as text where the file has numbers. */
  readonly classNames: readonly string[];
  /** int32, ids or `ignoredId`. */
  readonly column: Column;
  /** The stored mark of positions without a label; null when there are none. */
  readonly ignored: number | null;
  /** How ids came about, for reports; null when the file's numbers are the ids. */
  readonly note: string | null;
}

interface Wish {
  readonly targets: 'auto' | 'classes' | 'values';
  readonly classes?: number;
  readonly ignoreLabel?: number;
}

type Labelled = Pick<RawDataset, 'targets' | 'otherTargets' | 'locate'>;

/** More classes than this are values that happen to be whole. */
const maxClasses = 1_000_000;

/** Names of classes that messages and notes list. */
const maxShown = 20;

export function refuse(message: string, details: Record<string, unknown> = {}): never {
  throw new AppError('DATASET_INVALID', message, { details });
}

const shownList = (names: readonly string[]) =>
  names.length > maxShown ? `${names.slice(0, maxShown).join(', ')}, ... (${names.length})` : names.join(', ');

/** Class ids of labels that are whole numbers or names. Throws DATASET_INVALID, DATASET_AMBIGUOUS naming the file, as `label`, and the sample. */
export function toClassLabels(raw: Labelled, wish: Wish, label: string): ClassLabels {
  const { targets } = raw;
  if (targets.names !== null) return namedLabels(raw, targets.names, label);
  checkWhole(raw, label);
  const ignored = ignoredMark(raw, wish);
  const given = wish.classes ?? targets.classes ?? targets.classNames?.length ?? null;
  const counts = countLabels(
    [targets, ...raw.otherTargets].map(({ column }) => column),
    ignored,
  );
  if (counts !== null && counts.values.length < 2)
    refuse(
      `${label}: all ${counts.total} labels of "${targets.name}" are ${counts.values[0] ?? 'left out'}: only one class; at least two classes are needed`,
      { option: 'target' },
    );
  // Labels 1..n of n classes are numbered, not out of range.
  const areNumbered = targets.classNames === null && counts?.values.length === given && counts?.values[0] !== 0;
  if (given === null || areNumbered) return numberedLabels(targets, counts, ignored, wish, label);
  const classNames = Array.from({ length: given }, (_, id) => targets.classNames?.[id] ?? String(id));
  const column = mapLabels(
    targets.column,
    ignored,
    (value) => (value >= 0 && value < given ? value : null),
    (value, sample) =>
      refuse(
        `${label}: ${raw.locate(sample)}: label ${value} is outside 0..${given - 1}, the ${given} classes of the dataset`,
        { sample, label: value },
      ),
  );
  return { kind: 'classes', classes: given, classNames, column, ignored, note: null };
}

/** Labels that are text, by code point over all parts. */
function namedLabels({ targets, otherTargets }: Labelled, names: readonly string[], label: string): ClassLabels {
  const all = new Set([names, ...otherTargets.map((other) => other.names ?? [])].flat());
  const classNames = [...all].sort(compareCodePoints);
  if (classNames.length === 1)
    refuse(`${label}: "${targets.name}" has only one class: ${classNames[0]}; at least two classes are needed`);
  if (classNames.length > 1000 && classNames.length * 2 > targets.column.rows)
    ambiguous(
      `${label}: "${targets.name}" holds ${classNames.length} different texts in ${targets.column.rows} samples, hardly names of classes; name the label by the option "target"`,
    );
  const ids = new Map(classNames.map((name, id) => [name, id]));
  const idOf = names.map((name) => ids.get(name) ?? 0);
  const column = mapLabels(
    targets.column,
    null,
    (position) => idOf[position] ?? null,
    () => refuse(label),
  );
  const note = `The classes are the names of "${targets.name}" in the order of their code points: ${shownList(classNames)}.`;
  return { kind: 'classes', classes: classNames.length, classNames, column, ignored: null, note };
}

/** Labels that are numbers, without anything that says how many classes there are. */
function numberedLabels(
  targets: RawTargets,
  counts: LabelCounts | null,
  ignored: number | null,
  wish: Wish,
  label: string,
): ClassLabels {
  const many = `more than ${maxDistinct} different numbers`;
  const isGiven = wish.targets === 'classes' || wish.classes !== undefined;
  const improbable = counts === null ? many : isGiven ? null : whyImprobable(counts, targets.isGuess);
  if (counts === null || improbable !== null) return ambiguous(unlikely(targets, improbable ?? many, label));
  const { values } = counts;
  const [low = 0] = values;
  const high = values.at(-1) ?? 0;
  const isMask = targets.column.rowSize > 1 && values.length === 2 && high === maskMark;
  // Labels of a sequence are ids of a vocabulary, of which a file need not hold the first.
  const isSequence = targets.column.rowShape.length === 1 && targets.column.rowSize > 1 && low > 0;
  if ((low === 0 && !isMask) || isSequence) {
    const classNames = Array.from({ length: high + 1 }, (_, id) => String(id));
    const column = mapLabels(
      targets.column,
      ignored,
      (value) => value,
      () => refuse(label),
    );
    const isWhole = values.length === high + 1;
    const note = isWhole
      ? null
      : `Of the classes 0..${high} only ${values.length} occur; the numbers are kept as they are.`;
    return { kind: 'classes', classes: high + 1, classNames, column, ignored, note };
  }
  const ids = new Map(values.map((value, id) => [value, id]));
  const column = mapLabels(
    targets.column,
    ignored,
    (value) => ids.get(value) ?? null,
    () => refuse(label),
  );
  const classNames = values.map(String);
  const note = `The labels ${shownList(classNames)} of "${targets.name}" became the class ids 0..${values.length - 1}, in this order.`;
  return { kind: 'classes', classes: values.length, classNames, column, ignored, note };
}

function ambiguous(message: string): never {
  throw new AppError('DATASET_AMBIGUOUS', message);
}

function unlikely({ name, isGuess }: RawTargets, what: string, label: string): string {
  const guess = isGuess ? ', the last column,' : '';
  const other = isGuess
    ? 'name the label by the option "labelColumn" or "target" (MNIST as CSV keeps it first: labelColumn 0), or '
    : '';
  return `${label}: "${name}"${guess} holds ${what}: hardly class ids; ${other}set the option "targets" to "values" to regress, to "classes" if they are classes`;
}

/** The label that transformers and PyTorch ignore by default; it is no class id. */
const textMark = -100;
/** What masks (Pascal VOC, Cityscapes) leave out. A mask of 0 and 255 alone has two classes and no such mark. */
const maskMark = 255;

/** The number of the positions that have no label: as given, else a usual one that occurs in labels per position. */
function ignoredMark({ targets, otherTargets }: Labelled, { ignoreLabel }: Wish): number | null {
  const { column } = targets;
  if (column.rowSize === 1 && ignoreLabel !== undefined)
    refuseOption(
      'ignoreLabel',
      'dataset options: ignoreLabel applies to labels per position; here each sample has one label',
    );
  if (ignoreLabel !== undefined) return ignoreLabel;
  if (column.rowSize === 1) return null;
  const values =
    countLabels(
      [targets, ...otherTargets].map((other) => other.column),
      null,
    )?.values ?? [];
  const wanted = [targets.ignored, textMark, maskMark].find((mark) => mark !== null && values.includes(mark)) ?? null;
  const isForeground = wanted === maskMark && values.length === 2 && values[0] === 0;
  const isClass = wanted === maskMark && (values.at(-2) ?? 0) >= maskMark - 1;
  return isForeground || isClass || (values.at(-1) ?? 0) > maskMark ? (wanted === textMark ? textMark : null) : wanted;
}

function checkWhole({ targets, locate }: Labelled, label: string): void {
  forEachLabel(targets.column, (value, sample) => {
    if (Number.isInteger(value) && Math.abs(value) < 2 ** 31) return;
    refuse(
      `${label}: ${locate(sample)}: label ${value} is no class id: ids are whole numbers; set the option targets to "values" to regress`,
      { sample, label: value },
    );
  });
}

function mapLabels(
  column: Column,
  ignored: number | null,
  idOf: (value: number) => number | null,
  onUnknown: (value: number, sample: number) => never,
): Column {
  const ids = new Int32Array(column.rows * column.rowSize);
  forEachLabel(column, (value, sample, index) => {
    const id = value === ignored ? ignoredId : idOf(value);
    if (id === null || id >= maxClasses) return onUnknown(value, sample);
    ids[index] = id;
  });
  return createColumn(column.rowShape, [ids]);
}
