/**
 * Ids of jobs: `job_`, the time in milliseconds and 80 random bits, in base 32. They sort by the time of creation, cannot be guessed, and are valid
 * file names and BullMQ ids. Ids that one process makes in the same millisecond increase by random amounts.
 */
import { randomBytes } from 'node:crypto';

/** The alphabet of Crockford's base 32, without i, l, o and u, which are easily misread. It ascends, so that texts sort like numbers. */
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

/** A new id, larger than every earlier id of this process. Listings sort by id to show the newest job first. */
export function newJobId(now = Date.now()): string {
  if (now > lastMs) {
    lastMs = now;
    // The highest of the 80 bits is left zero, so that an overflow takes millions of ids in one millisecond.
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

/** The smallest id of a millisecond: smaller than all ids of that time or later, larger than all earlier ones. */
export const firstJobIdAt = (timeMs: number): string =>
  prefix + inBase32(BigInt(Math.max(0, Math.floor(timeMs))), timeDigits) + digits.charAt(0).repeat(randomDigits);

/** The time at which an id was made, in milliseconds since 1970. */
export const jobIdTimeMs = (id: string): number =>
  [...id.slice(prefix.length, prefix.length + timeDigits)].reduce((sum, digit) => sum * 32 + digits.indexOf(digit), 0);

export const isJobId = (text: string): boolean => pattern.test(text);
