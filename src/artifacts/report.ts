/** report.json: what was run and what came out. Keys are sorted at every level, so that equal reports are equal bytes. */
import type { Json, JsonObject } from './format.ts';

/** The text of a report, two-space indented, with a newline at its end. NaN and infinities, which JSON would turn into null, become texts. */
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
