/** Numbers and times as people read them. */

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' });
/** @type {readonly (readonly [Intl.RelativeTimeFormatUnit, number])[]} */
const units = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];

/** @param {string | null} time ISO 8601 */
export function ago(time) {
  if (time === null) return '–';
  const seconds = (Date.now() - Date.parse(time)) / 1000;
  for (const [unit, length] of units)
    if (seconds >= length) return relative.format(-Math.floor(seconds / length), unit);
  return 'just now';
}

/** @param {string | null} time */
export const clock = (time) => (time === null ? '–' : new Date(time).toLocaleString('en-GB', { hour12: false }));

/** @param {number | null | undefined} seconds */
export function duration(seconds) {
  if (seconds === null || seconds === undefined) return '–';
  if (seconds > 0 && seconds < 0.1) return `${(1000 * seconds).toFixed(1)} ms`;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

/** @param {number} count */
export function bytes(count) {
  if (count < 1024) return `${count} B`;
  const power = Math.min(4, Math.floor(Math.log2(count) / 10));
  return `${(count / 1024 ** power).toFixed(1)} ${['B', 'KiB', 'MiB', 'GiB', 'TiB'][power]}`;
}

/** @param {number | null | undefined} value */
export function number(value) {
  if (value === null || value === undefined) return '–';
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return String(value);
  const size = Math.abs(value);
  return size !== 0 && (size < 1e-3 || size >= 1e5) ? value.toExponential(2) : String(Number(value.toPrecision(4)));
}

/** @param {number} value */
export const count = (value) => value.toLocaleString('en');

/** @param {unknown} value */
export const json = (value) => JSON.stringify(value, null, 2);
