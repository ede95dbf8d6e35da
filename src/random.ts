/**
 * Seeded random numbers: one independent stream for every (seed, name), so that the draw of one parameter never depends on the others.
 *
 *   block(counter, key) = ten rounds of (L', R') = (mulhi(R, M) xor k xor L, mullo(R, M)) on four 32-bit words
 *
 * The generator is Philox4x32-10, a counter-based one: its whole state is a key and a counter. The key is the first 64 bits of
 * SHA-256(seed, name). Uniforms carry 53 bits; normals are Box-Muller in float64.
 * Reference: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011 (constants and test vectors).
 */
import { createHash } from 'node:crypto';
import { AppError } from './errors.ts';

const MULTIPLIERS = [0xd2511f53, 0xcd9e8d57] as const;
const WEYL = [0x9e3779b9, 0xbb67ae85] as const;
const ROUNDS = 10;

/** The whole state of a stream, as plain JSON for checkpoints. */
export interface RandomState {
  readonly key: readonly [number, number];
  /** Number of the next 128-bit block. */
  readonly block: number;
  /** Words of the current block that are still unused, 0 to 4. */
  readonly unused: number;
  /** The second normal of the last Box-Muller pair; null when it has been used. */
  readonly spareNormal: number | null;
}

/** High 32 bits of the 64-bit product of two unsigned 32-bit integers. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carry = (middle & 0xffff) + aLow * bHigh;
  return (aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(carry / 0x10000)) >>> 0;
}

/** One Philox4x32-10 block: replaces the four counter words in place by four random words. */
export function philox(words: Uint32Array, key0: number, key1: number): void {
  let c0 = words[0] as number;
  let c1 = words[1] as number;
  let c2 = words[2] as number;
  let c3 = words[3] as number;
  let k0 = key0;
  let k1 = key1;
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = multiplyHigh(c0, MULTIPLIERS[0]);
    const high1 = multiplyHigh(c2, MULTIPLIERS[1]);
    const low0 = Math.imul(c0, MULTIPLIERS[0]);
    const low1 = Math.imul(c2, MULTIPLIERS[1]);
    c0 = high1 ^ c1 ^ k0;
    c1 = low1;
    c2 = high0 ^ c3 ^ k1;
    c3 = low0;
    k0 = (k0 + WEYL[0]) | 0;
    k1 = (k1 + WEYL[1]) | 0;
  }
  words[0] = c0;
  words[1] = c1;
  words[2] = c2;
  words[3] = c3;
}

/** A stream of random numbers; make one with `createRandom` or `restoreRandom`. */
export class RandomStream {
  readonly #key: readonly [number, number];
  readonly #words = new Uint32Array(4);
  #block: number;
  #unused: number;
  #spareNormal: number | null;

  constructor(state: RandomState) {
    this.#key = state.key;
    this.#block = state.block;
    this.#unused = state.unused;
    this.#spareNormal = state.spareNormal;
    if (this.#unused > 0) this.#fill(this.#block - 1);
  }

  #fill(block: number): void {
    this.#words[0] = block >>> 0;
    this.#words[1] = Math.floor(block / 2 ** 32);
    this.#words[2] = 0;
    this.#words[3] = 0;
    philox(this.#words, this.#key[0], this.#key[1]);
  }

  /** A whole number in [0, 2^32). */
  uint32(): number {
    if (this.#unused === 0) {
      this.#fill(this.#block++);
      this.#unused = 4;
    }
    return this.#words[4 - this.#unused--] as number;
  }

  /** A float64 in [0, 1) with 53 random bits. */
  uniform(): number {
    const high = this.uint32() >>> 5;
    const low = this.uint32() >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  }

  /** A float64 from the standard normal distribution. */
  normal(): number {
    if (this.#spareNormal !== null) {
      const spare = this.#spareNormal;
      this.#spareNormal = null;
      return spare;
    }
    // r = sqrt(-2 ln u), u in (0, 1];  (z1, z2) = r (cos 2 pi v, sin 2 pi v)
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.#spareNormal = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** A whole number in [0, bound), without modulo bias. `bound` lies in [1, 2^32]. */
  below(bound: number): number {
    const limit = 2 ** 32 - (2 ** 32 % bound);
    let word = this.uint32();
    while (word >= limit) word = this.uint32();
    return word % bound;
  }

  state(): RandomState {
    return { key: this.#key, block: this.#block, unused: this.#unused, spareNormal: this.#spareNormal };
  }
}

/** The stream of (seed, name). `seed` is a whole number in [0, 2^53). Throws INVALID_INPUT otherwise. */
export function createRandom(seed: number, name: string): RandomStream {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new AppError('INVALID_INPUT', `seed: must be a whole number in [0, 2^53), got ${seed}`);
  }
  const digest = createHash('sha256').update(`${seed}\0${name}`).digest();
  const key = [digest.readUInt32LE(0), digest.readUInt32LE(4)] as const;
  return new RandomStream({ key, block: 0, unused: 0, spareNormal: null });
}

const isCount = (value: unknown, max: number): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= max;

/** A stream that continues where `state()` was taken. Throws CHECKPOINT_MISMATCH when it is not such a state. */
export function restoreRandom(state: unknown): RandomStream {
  const { key, block, unused, spareNormal } = (state ?? {}) as Partial<RandomState>;
  const valid =
    Array.isArray(key) &&
    key.length === 2 &&
    key.every((word) => isCount(word, 2 ** 32 - 1)) &&
    isCount(block, Number.MAX_SAFE_INTEGER) &&
    isCount(unused, block === 0 ? 0 : 4) &&
    (spareNormal === null || (typeof spareNormal === 'number' && Number.isFinite(spareNormal)));
  if (!valid) throw new AppError('CHECKPOINT_MISMATCH', 'the random state of the checkpoint is malformed');
  return new RandomStream({ key: [key[0] as number, key[1] as number], block, unused, spareNormal });
}

/** Fisher-Yates in place: every order is equally likely. */
export function shuffle(items: Int32Array | Uint32Array, random: RandomStream): void {
  for (let last = items.length - 1; last > 0; last--) {
    const other = random.below(last + 1);
    const item = items[last] as number;
    items[last] = items[other] as number;
    items[other] = item;
  }
}
