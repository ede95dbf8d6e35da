/** The targets of a model with several outputs: what the options `target` and `targets` say of each, and the one dataset that comes of it. */
import { AppError } from '../errors.ts';
import { refuseOption } from './array-names.ts';
import type { CommonWish, RawDataset } from './dataset-format.ts';
import type { CompleteOptions } from './options.ts';
import { resolveTargets, type Targets } from './targets.ts';

type TargetWish = Pick<CommonWish, 'target' | 'otherTargetNames'>;

/** The lists of the option where it has one for each output; null for one output. */
function groupsOf({ target }: Pick<CompleteOptions, 'target'>): readonly (readonly string[])[] | null {
  if (!Array.isArray(target)) return null;
  const groups = target.filter((entry) => Array.isArray(entry));
  return groups.length > 0 ? groups : null;
}

/** What is read for each output; one entry where there is one. */
export function targetWishes(options: Pick<CompleteOptions, 'target'>): TargetWish[] {
  const groups = groupsOf(options);
  if (groups === null) return [options.target === undefined ? {} : { target: options.target as string | string[] }];
  return groups.map((own) => ({
    target: own,
    otherTargetNames: groups.flat().filter((name) => !own.includes(name)),
  }));
}

/** What was read for each output as one dataset: the inputs of the first, what was said of all. Throws DATASET_INVALID where numbers of samples differ. */
export function joinTargets(raws: readonly RawDataset[]): RawDataset {
  const [first, ...others] = raws as [RawDataset, ...RawDataset[]];
  if (others.length === 0) return first;
  const names = raws.map(({ targets }) => targets.name).join(', ');
  const { rows } = first.targets.column;
  const other = others.find(({ targets }) => targets.column.rows !== rows);
  if (other)
    throw new AppError(
      'DATASET_INVALID',
      `"${other.targets.name}" has ${other.targets.column.rows} samples, "${first.targets.name}" has ${rows}`,
    );
  return {
    ...first,
    targets: { ...first.targets, name: names },
    notes: [...new Set(raws.flatMap(({ notes }) => notes))],
  };
}

/** What the targets of every output mean. Throws as `resolveTargets`, INVALID_INPUT where `targets` has another number of entries. */
export function resolveAll(
  raws: readonly RawDataset[],
  { targets: wish, ...options }: CompleteOptions,
  label: string,
): Targets {
  const wishes = Array.isArray(wish) ? wish : raws.map(() => wish);
  if (wishes.length !== raws.length)
    refuseOption(
      'targets',
      `dataset options: targets has ${wishes.length} entries, there are targets of ${raws.length} output(s)`,
    );
  const parts = raws.map((raw, index) => ({
    ...resolveTargets(raw, { ...options, targets: wishes[index] ?? 'auto' }, label),
    name: raw.targets.name,
  }));
  const [only] = parts;
  if (parts.length === 1 && only) return only;
  return { kind: 'several', parts, note: parts.flatMap(({ note }) => note ?? []).join(' ') || null };
}
