/** Which part of a dataset a file or folder holds by its name, and in which order the shards of a part come. */
export const partNames = ['train', 'validation', 'test'] as const;
export type PartName = (typeof partNames)[number];

/** The words of Hugging Face, Keras and torchvision. */
const words: Readonly<Record<string, PartName>> = {
  train: 'train',
  training: 'train',
  val: 'validation',
  valid: 'validation',
  validation: 'validation',
  dev: 'validation',
  test: 'test',
  testing: 'test',
  eval: 'test',
};

export const partOfWord = (word: string): PartName | null =>
  Object.hasOwn(words, word) ? (words[word] ?? null) : null;

/**
 * The part that a relative path names: by a folder on the way, or by the first or last word of the file's name (`train-00000-of-00002.parquet`,
 * `x_test.npy`). Null when it names none.
 */
export function partOf(relativePath: string): PartName | null {
  const names = relativePath.split('/');
  const file = (names.pop() ?? '').toLowerCase();
  const byFolder = names.map((name) => partOfWord(name.toLowerCase())).find((part) => part !== null);
  if (byFolder !== undefined) return byFolder;
  const tokens = (file.split('.')[0] ?? '').split(/[-_ ]/);
  return partOfWord(tokens[0] ?? '') ?? partOfWord(tokens.at(-1) ?? '');
}

/** Files by part; all are training where no name says anything, and files without a word are training beside others. */
export function groupByPart<T>(files: readonly T[], pathOf: (file: T) => string): Map<PartName, T[]> {
  const groups = new Map<PartName, T[]>();
  for (const file of files) {
    const part = partOf(pathOf(file)) ?? 'train';
    groups.set(part, [...(groups.get(part) ?? []), file]);
  }
  for (const group of groups.values()) group.sort((a, b) => compareShards(pathOf(a), pathOf(b)));
  return groups;
}

/** Order of Python's `sorted` on text: by code point, where JavaScript compares UTF-16 units. */
export function compareCodePoints(a: string, b: string): number {
  const [left, right] = [a[Symbol.iterator](), b[Symbol.iterator]()];
  while (true) {
    const [x, y] = [left.next(), right.next()];
    if (x.done || y.done) return x.done && y.done ? 0 : x.done ? -1 : 1;
    if (x.value !== y.value) return (x.value.codePointAt(0) ?? 0) - (y.value.codePointAt(0) ?? 0);
  }
}

/** Numbers within names by their value, so that shard 10 follows shard 9; all else by code point. */
export function compareShards(a: string, b: string): number {
  const [left, right] = [a.split(/(\d+)/), b.split(/(\d+)/)];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const [x = '', y = ''] = [left[i], right[i]];
    if (x === y) continue;
    const difference = i % 2 === 1 ? Number(x) - Number(y) : compareCodePoints(x, y);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
