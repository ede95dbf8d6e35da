/**
 * Ids of events, which are the ids of stream entries in Redis: `MILLISECONDS-SEQUENCE`, two whole numbers below 2^63, compared as a pair. A missing sequence
 * is zero. The ids of a stream grow.
 */

/** The id before every event. */
export const firstEventId = '0-0';

/** Redis counts up to 2^64, but refuses to read what follows its largest id. */
const limit = 2n ** 63n;

/** Decimal digits of a number below 2^63 without leading zeros; null for a larger one. */
function parseNumber(digits: string): string | null {
  const value = BigInt(digits);
  return value < limit ? String(value) : null;
}

/** The id in its one written form, null when the text is none. */
export function parseEventId(text: string): string | null {
  const match = /^(\d{1,20})(?:-(\d{1,20}))?$/.exec(text);
  if (match === null) return null;
  const [time, sequence] = [parseNumber(match[1] ?? ''), parseNumber(match[2] ?? '0')];
  return time === null || sequence === null ? null : `${time}-${sequence}`;
}

/** Numbers without leading zeros: the longer one is larger, of two equally long ones the later text. Exact above 2^53. */
const compareDigits = (a: string, b: string) => a.length - b.length || (a < b ? -1 : Number(a > b));

/** Both in the form of `parseEventId`. */
export function isAfter(id: string, other: string): boolean {
  const [time = '0', sequence = '0'] = id.split('-');
  const [otherTime = '0', otherSequence = '0'] = other.split('-');
  return (compareDigits(time, otherTime) || compareDigits(sequence, otherSequence)) > 0;
}
