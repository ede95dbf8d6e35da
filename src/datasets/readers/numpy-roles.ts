/** What arrays that carry no description are taken for: shared by npz, npy and safetensors. */
import { malformed, type Origin } from '../../codecs/byte-source.ts';
import type { NpyArray } from '../../codecs/npy.ts';
import type { ArrayChoices } from '../array-names.ts';
import type { Budget } from '../budget.ts';
import { columnOf } from '../column.ts';
import {
  plainTargets,
  type RawDataset,
  type RawInput,
  type RawTargets,
  type Role,
  sampleName,
} from '../dataset-format.ts';

/** Rank 4 and bytes are images, other integers are ids, the rest are features. */
function roleOf({ shape, elements, kind }: NpyArray): Role {
  if (shape.length === 4 || (elements instanceof Uint8Array && shape.length === 3)) return 'image';
  if (kind === 'bool') return 'values';
  if (elements instanceof Uint8Array && shape.length > 1) return 'image';
  return kind === 'integer' ? 'ids' : 'values';
}

/** Range of the stored type of pictures. */
function rangeOf({ elements, kind }: NpyArray): RawInput['range'] {
  if (kind === 'bool') return [0, 1];
  if (elements instanceof Uint8Array) return [0, 255];
  return elements instanceof Uint16Array ? [0, 65535] : null;
}

export function toInput(name: string, array: NpyArray): RawInput {
  const shape = array.shape.length === 1 ? [...array.shape, 1] : array.shape;
  const role = roleOf(array);
  const range = role === 'image' ? rangeOf(array) : null;
  return { name, column: columnOf(shape, array.elements), role, range, channelsFirst: false };
}

export function toTargets(name: string, { shape, elements, kind, names }: NpyArray): RawTargets {
  return { ...plainTargets(name, columnOf(shape, elements), kind !== 'float'), names: names ?? null };
}

/** Texts as positions in the list of those that are different. */
export function namedArray(texts: readonly string[]): NpyArray {
  const names = [...new Set(texts)];
  const positions = new Map(names.map((name, at) => [name, at]));
  const elements = Int32Array.from(texts, (text) => positions.get(text) ?? 0);
  return { shape: [texts.length], elements, kind: 'integer', names };
}

export interface NamedArrays {
  readonly arrays: ReadonlyMap<string, NpyArray>;
  readonly choices: ArrayChoices | null;
  readonly origin: Origin;
  readonly sha256: string;
  readonly budget: Budget;
}

/** Throws the origin's code when an array is missing, has no sample axis or another number of samples than the targets. */
export function arraysToDataset({ arrays, choices, origin, sha256, budget }: NamedArrays): RawDataset {
  if (choices === null) return malformed(origin, 'holds no arrays');
  const take = (name: string): NpyArray => {
    const array = arrays.get(name);
    if (array === undefined || array.shape.length === 0) return malformed(origin, `array "${name}" has no sample axis`);
    budget.take(array.elements.byteLength, origin.name);
    return array;
  };
  const { chosen, parts } = choices;
  const target = take(chosen.target);
  const inputs = chosen.inputs.map((name) => {
    const array = take(name);
    if (array.names !== undefined) malformed(origin, `array "${name}" holds text; give numbers`);
    if (array.shape[0] !== target.shape[0])
      malformed(origin, `"${name}" holds ${array.shape[0]} samples, "${chosen.target}" holds ${target.shape[0]}`);
    return toInput(name, array);
  });
  const others = parts
    .filter((part) => part !== chosen)
    .map((part) => ({ part: part.part, array: take(part.target), name: part.target }));
  return {
    inputs,
    targets: toTargets(chosen.target, target),
    parts: parts.map(({ part, target: name }) => ({ name: part, samples: arrays.get(name)?.shape[0] ?? 0 })),
    otherTargets: others.map(({ name, array }) => toTargets(name, array)),
    notes: [],
    sha256,
    locate: sampleName,
  };
}
