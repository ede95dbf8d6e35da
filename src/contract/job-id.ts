/**
 * Names of jobs: `job_` + milliseconds + 80 bits, in base 32. They sort by the time of creation, cannot be guessed, and are file names and BullMQ ids as they
 * are. Of two ids that one process makes in the same millisecond the second is larger by a random number.
 */
import { randomBytes } from 'node:crypto';

/** Without i, l, o, u: nothing that is misread. Ascending, so that texts sort like numbers. */
const digits = '0123456789abcdefghjkmnpqrstvwxyz';
const timeDigits = 9;
const randomDigits = 16;
const randomBits = BigInt(5 * randomDigits);

const prefix = 'job_';
export const jobIdPattern = `^${prefix}[${digits}]{${timeDigits + randomDigits}}$`;
const pattern = new RegExp(jobIdPattern);

const random = (bytes: number) => BigInt(`0x${randomBytes(bytes).toString('hex')}`);

function inBase32(value: bigint, width: number): string {
  let text = '';
  for (let rest = value, place = 0; place < width; place += 1, rest /= 32n) text = digits[Number(rest % 32n)] + text;
  return text;
}

let lastMs = 0;
let lastRandom = 0n;

/** A new id, later in order than every other one that this process made. Listings rely on the order: newest first is by id. */
export function newJobId(now = Date.now()): string {
  if (now > lastMs) {
    lastMs = now;
    // The highest bit is free, so that millions of ids fit into a millisecond.
    lastRandom = random(10) >> 1n;
  } else {
    lastRandom += 1n + random(7);
    if (lastRandom >> randomBits > 0n) {
      lastMs += 1;
      lastRandom = random(10) >> 1n;
    }
  }
  return `${firstJobIdAt(lastMs).slice(0, prefix.length + timeDigits)}${inBase32(lastRandom, randomDigits)}`;
}

/** The smallest id of a millisecond: ids of jobs that were made before it are smaller, all others are not. */
export const firstJobIdAt = (timeMs: number): string =>
  prefix + inBase32(BigInt(Math.max(0, Math.floor(timeMs))), timeDigits) + digits.charAt(0).repeat(randomDigits);

/** When an id was made, milliseconds. */
export const jobIdTimeMs = (id: string): number =>
  [...id.slice(prefix.length, prefix.length + timeDigits)].reduce((sum, digit) => sum * 32 + digits.indexOf(digit), 0);

export const isJobId = (text: string): boolean => pattern.test(text);
