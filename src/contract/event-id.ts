/**
 * Ids of events, which are the ids of stream entries in Redis: `MILLISECONDS-SEQUENCE`, two whole numbers below 2^63, ordered as a pair. A missing
 * sequence means zero. Within a stream, ids increase.
 */

/** An id that precedes every event. */
export const firstEventId = '0-0';

/** Ids in Redis may reach 2^64, but Redis refuses to read after the largest one. */
const limit = 2n ** 63n;

/** The decimal digits of a number below 2^63, without leading zeros; null for a larger number. */
function parseNumber(digits: string): string | null {
  const value = BigInt(digits);
  return value < limit ? String(value) : null;
}

/** The canonical form of an id; null when the text is not an id. */
export function parseEventId(text: string): string | null {
  const match = /^(\d{1,20})(?:-(\d{1,20}))?$/.exec(text);
  if (match === null) return null;
  const [time, sequence] = [parseNumber(match[1] ?? ''), parseNumber(match[2] ?? '0')];
  return time === null || sequence === null ? null : `${time}-${sequence}`;
}

/** Compares numbers without leading zeros: the longer text is larger, and texts of equal length compare alphabetically. This is exact above 2^53, too. */
const compareDigits = (a: string, b: string) => a.length - b.length || (a < b ? -1 : Number(a > b));

/** True when `id` is later than `other`. Both have the form that `parseEventId` returns. */
export function isAfter(id: string, other: string): boolean {
  const [time = '0', sequence = '0'] = id.split('-');
  const [otherTime = '0', otherSequence = '0'] = other.split('-');
  return (compareDigits(time, otherTime) || compareDigits(sequence, otherSequence)) > 0;
}
