/** The text of report.json. Keys are sorted at every level, so that equal reports have equal bytes. */
import type { Json, JsonObject } from './format.ts';

/**
 * The JSON text of a report, indented by two spaces, with a newline at its end. NaN and infinities are written as strings, because JSON would turn
 * them into null.
 */
export function encodeReport(report: JsonObject): string {
  return `${JSON.stringify(sorted(report), null, 2)}\n`;
}

function sorted(value: Json | undefined): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, entry]) => [key, sorted(entry)]));
}
