/** Names of jobs: `job_` + milliseconds + 80 random bits, in base 32. They sort by time, cannot be guessed, and are file names and BullMQ ids as they are. */
import { randomBytes } from 'node:crypto';

/** Without i, l, o, u: nothing that is misread. Ascending, so that texts sort like numbers. */
const digits = '0123456789abcdefghjkmnpqrstvwxyz';
const timeDigits = 9;
const randomDigits = 16;

export const jobIdPattern = `^job_[${digits}]{${timeDigits + randomDigits}}$`;
const pattern = new RegExp(jobIdPattern);

let last = 0;

/** A new id, later in order than every other one that this process made. Listings rely on the order: newest first is by id. */
export function newJobId(now = Date.now()): string {
  last = Math.max(now, last + 1);
  let time = '';
  for (let rest = last, place = 0; place < timeDigits; place += 1, rest = Math.floor(rest / 32))
    time = digits[rest % 32] + time;
  const random = Array.from(randomBytes(randomDigits), (byte) => digits[byte % 32]).join('');
  return `job_${time}${random}`;
}

export const isJobId = (text: string): boolean => pattern.test(text);
