/** What an Idempotency-Key is compared by. */
import { createHash } from 'node:crypto';

/** The same for the same specification, whatever the order of its keys; sha256, hex. */
export function bodyHash(spec: object): string {
  const text = JSON.stringify(spec, (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
  return createHash('sha256').update(text).digest('hex');
}
