/** A state, JSON but for its arrays, as a JSON text and a table of arrays; and back, bit for bit. */
import { AppError } from '../../errors.ts';
import type { NDArray } from '../../ndarray.ts';

export interface PackedState {
  readonly json: string;
  readonly arrays: ReadonlyMap<string, NDArray>;
}

const malformed = (problem: string) => new AppError('CHECKPOINT_MISMATCH', `the saved state is malformed: ${problem}`);

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

const isArray = (value: unknown): value is NDArray =>
  isObject(value) &&
  (value.data instanceof Float32Array || value.data instanceof Int32Array || value.data instanceof Uint8Array);

/** JSON has neither NaN nor infinities nor a negative zero. */
const isPlainNumber = (value: number) => Number.isFinite(value) && !Object.is(value, -0);

/** The arrays are not copied. */
export function packState(state: unknown): PackedState {
  const arrays = new Map<string, NDArray>();
  const pack = (value: unknown): unknown => {
    if (typeof value === 'number' && !isPlainNumber(value))
      return { $number: Object.is(value, -0) ? '-0' : `${value}` };
    if (!isObject(value)) return value;
    if (isArray(value)) {
      const name = `a${arrays.size}`;
      arrays.set(name, value);
      return { $array: name };
    }
    if (Array.isArray(value)) return value.map(pack);
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, pack(entry)]));
  };
  return { json: JSON.stringify(pack(state)), arrays };
}

/** Throws CHECKPOINT_MISMATCH for a text that is no JSON or names an array that is not there. */
export function unpackState({ json, arrays }: PackedState): unknown {
  const unpack = (value: unknown): unknown => {
    if (!isObject(value)) return value;
    if (Array.isArray(value)) return value.map(unpack);
    if (typeof value.$number === 'string') return Number(value.$number);
    if (typeof value.$array === 'string') {
      const found = arrays.get(value.$array);
      if (found === undefined) throw malformed(`there is no array ${value.$array}`);
      return found;
    }
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, unpack(entry)]));
  };
  try {
    return unpack(JSON.parse(json));
  } catch (error) {
    if (error instanceof SyntaxError) throw malformed(error.message);
    throw error;
  }
}
