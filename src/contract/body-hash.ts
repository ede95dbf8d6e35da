/** The digest by which two requests with the same Idempotency-Key are compared. */
import { createHash } from 'node:crypto';

/** SHA-256 of a specification, in hex. It does not depend on the order of keys. */
export function bodyHash(spec: object): string {
  const text = JSON.stringify(spec, (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
  return createHash('sha256').update(text).digest('hex');
}
