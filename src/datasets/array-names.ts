/** Which of the named arrays of a container (npz, safetensors, HDF5, a folder of npy files) are inputs and targets of which part. */
import type { Origin } from '../codecs/byte-source.ts';
import { AppError } from '../errors.ts';
import { type CommonWish, targetNames } from './dataset-format.ts';
import { type PartName, partNames, partOfWord } from './parts.ts';

/** In the order in which they are preferred. */
const inputWords = ['x', 'inputs', 'input', 'images', 'image', 'features', 'data', 'pixels'];
const targetWords = ['y', 'targets', 'target', 'labels', 'label', 'classes', 'class'];
/** Lists of names are no samples. */
const nameLists = /(^|[/_])(list_classes|class_?names|label_?names|classnames)$/i;

export interface ArrayChoice {
  readonly part: PartName;
  readonly inputs: readonly string[];
  readonly target: string;
}

export interface ArrayChoices {
  /** The wanted part. */
  readonly chosen: ArrayChoice;
  /** All parts, the wanted one included. */
  readonly parts: readonly ArrayChoice[];
}

interface ParsedName {
  readonly name: string;
  /** Without the word of the part, in lower case: 'x' of `X_train`, 'x0' of `x_0`. */
  readonly base: string;
  readonly part: PartName | null;
}

/** `x_train`, `train_x`, `train_set_x_orig` and `train/x` are x of the training part. */
function parseName(name: string): ParsedName {
  const words = name.toLowerCase().split(/[_/.\s-]+/);
  const parts = words.map(partOfWord);
  const rest = words.filter((word, i) => parts[i] === null && word !== 'set' && word !== 'orig');
  return { name, base: rest.join('_').replace(/_(\d+)$/, '$1'), part: parts.find((part) => part !== null) ?? null };
}

/** Throws INVALID_INPUT at one option of the dataset. */
export function refuseOption(option: string, message: string): never {
  throw new AppError('INVALID_INPUT', message, { problems: [{ pointer: `/${option}`, message }] });
}

function ask(origin: Origin, problem: string): never {
  throw new AppError('DATASET_AMBIGUOUS', `${origin.name}: ${problem}`);
}

/** Throws DATASET_AMBIGUOUS naming the arrays that there are, where names leave a choice; DATASET_NOT_FOUND for parts that there are not. */
export function chooseArrays(present: readonly string[], wish: CommonWish, origin: Origin): ArrayChoices {
  const { mask } = wish;
  const all = present.filter((name) => !wish.otherTargetNames?.includes(name));
  if (mask === undefined) return chooseSamples(all, wish, origin);
  if (!all.includes(mask))
    refuseOption('mask', `${origin.name}: holds no array ${JSON.stringify(mask)}; found ${shownNames(all)}`);
  const samples = chooseSamples(
    all.filter((name) => name !== mask),
    wish,
    origin,
  );
  const chosen = { ...samples.chosen, inputs: [...samples.chosen.inputs, mask] };
  return { chosen, parts: samples.parts.map((part) => (part === samples.chosen ? chosen : part)) };
}

const shownNames = (all: readonly string[]) => all.map((name) => JSON.stringify(name)).join(', ') || 'none';

function chooseSamples(all: readonly string[], wish: CommonWish, origin: Origin): ArrayChoices {
  const found = `found ${shownNames(all)}`;
  if (wish.inputs !== undefined || wish.target !== undefined) return chooseGiven(all, wish, found, origin);
  if (all.length === 2 && all.includes('arr_0') && all.includes('arr_1')) {
    const chosen: ArrayChoice = { part: 'train', inputs: ['arr_0'], target: 'arr_1' };
    return pick([chosen], wish.part, origin);
  }
  const parsed = all.filter((name) => !nameLists.test(name)).map(parseName);
  const partsThere = partNames.filter((part) => parsed.some((other) => other.part === part));
  const choices = partsThere.flatMap((part) => {
    const own = parsed.filter((other) => other.part === part);
    return chooseOfPart(own, part, found, origin) ?? [];
  });
  // x and y beside x_test and y_test are the training part.
  const unnamed = parsed.filter(({ part }) => part === null);
  if (!choices.some(({ part }) => part === 'train')) {
    const train = chooseOfPart(unnamed, 'train', found, origin);
    if (train !== null) choices.unshift(train);
  }
  if (choices.length === 0)
    ask(
      origin,
      `no array is called y, label or target; ${found}; name the targets by the option "target", the inputs by "inputs"`,
    );
  return pick(choices, wish.part, origin);
}

/** Null where the part has no targets: it cannot be used, and another may. */
function chooseOfPart(own: readonly ParsedName[], part: PartName, found: string, origin: Origin): ArrayChoice | null {
  const target = preferred(own, targetWords);
  if (target === undefined) return null;
  const single = preferred(own, inputWords);
  const numbered = own.filter(({ base }) => /^x\d+$/.test(base));
  const inputs = single
    ? [single]
    : numbered.length > 0
      ? numbered.sort((a, b) => numberOf(a.base) - numberOf(b.base))
      : own.filter((other) => other !== target);
  if (inputs.length === 0)
    ask(origin, `holds no inputs beside "${target.name}"; ${found}; name them by the option "inputs"`);
  return { part, inputs: inputs.map(({ name }) => name), target: target.name };
}

const preferred = (own: readonly ParsedName[], words: readonly string[]) =>
  words.map((word) => own.find(({ base }) => base === word)).find((other) => other !== undefined);

const numberOf = (base: string) => Number(base.replace(/\D/g, ''));

/** What the options name; the rest by name, as far as that is clear. */
function chooseGiven(all: readonly string[], wish: CommonWish, found: string, origin: Origin): ArrayChoices {
  const targets = targetNames(wish);
  for (const [option, names] of [
    ['inputs', wish.inputs],
    ['target', targets],
  ] as const) {
    const missing = names?.find((name) => !all.includes(name));
    if (missing !== undefined)
      refuseOption(option, `${origin.name}: holds no array ${JSON.stringify(missing)}; ${found}`);
  }
  if (targets !== null && targets.length > 1)
    ask(origin, `the option "target" takes one array here, not ${targets.length}; stack them into one`);
  const [given] = targets ?? [];
  const part = parseName(given ?? wish.inputs?.[0] ?? '').part ?? wish.part;
  const others = all.map(parseName).filter((other) => other.part === null || other.part === part);
  const target = given ?? preferred(others, targetWords)?.name;
  if (target === undefined)
    return ask(origin, `no array is called y, label or target; ${found}; name it by the option "target"`);
  const guessed = chooseOfPart(
    [
      ...others.filter(({ name }) => name !== target && !targetWords.includes(parseName(name).base)),
      { name: target, base: 'y', part },
    ],
    part,
    found,
    origin,
  );
  const inputs = wish.inputs ?? guessed?.inputs ?? [];
  if (inputs.includes(target)) ask(origin, `array ${JSON.stringify(target)} cannot be input and target`);
  const chosen: ArrayChoice = { part: wish.part, inputs, target };
  return { chosen, parts: [chosen] };
}

/** True when the names are those of inputs and targets: data, not weights. */
export function holdsSamples(names: readonly string[]): boolean {
  const bases = names.map((name) => parseName(name).base);
  return (
    bases.some((base) => inputWords.includes(base) || base === 'x0') && bases.some((base) => targetWords.includes(base))
  );
}

function pick(parts: readonly ArrayChoice[], wanted: PartName, origin: Origin): ArrayChoices {
  const chosen = parts.find(({ part }) => part === wanted);
  if (chosen !== undefined) return { chosen, parts };
  throw missingPart(
    wanted,
    parts.map(({ part }) => part),
    origin.name,
  );
}

/** The error for a part that a dataset does not have. */
export function missingPart(wanted: PartName, present: readonly PartName[], label: string): AppError {
  const has = present.length === 0 ? 'none' : present.join(', ');
  return new AppError(
    'DATASET_NOT_FOUND',
    `${label}: holds no ${wanted} part; the option "part" takes one of those that it has: ${has}`,
  );
}
