/** Taking something in: what its Idempotency-Key stands for, and how the store's answer reads. Jobs and comparisons share it. */
import { createHash } from 'node:crypto';
import { AppError } from '../errors.ts';
import type { Idempotency } from '../jobs/ports.ts';
import type { Keys } from './keys.ts';
import { type Argument, type RunScript, recallScript } from './scripts/index.ts';

export type AdmittedKind = 'job' | 'comparison';

export interface AdmissionOptions {
  readonly idempotencySeconds: number;
  readonly maxQueuedJobsPerKey: number;
}

const hash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 32);

/** A key of a job and the same key of a comparison are two keys, and so are those of two owners. */
const keyOf = (keys: Keys, kind: AdmittedKind, owner: string, idempotency: Idempotency | null): string =>
  idempotency === null ? '' : keys.idempotency(hash(`${kind}\0${owner}\0${idempotency.key}`));

/** The arguments of a creating script that say under which key, and for how long the key is remembered. */
export const idempotencyArguments = (
  keys: Keys,
  kind: AdmittedKind,
  owner: string,
  idempotency: Idempotency | null,
  { idempotencySeconds }: AdmissionOptions,
): Argument[] => [
  keyOf(keys, kind, owner, idempotency),
  idempotency?.bodyHash ?? '',
  Math.ceil(idempotencySeconds * 1000),
];

/** Throws what the answer of a creating script means: IDEMPOTENCY_CONFLICT, QUOTA_EXCEEDED. */
export function assertAdmitted(kind: AdmittedKind, [outcome, detail]: readonly string[], limit: number): void {
  if (outcome === 'conflict')
    throw new AppError('IDEMPOTENCY_CONFLICT', `the Idempotency-Key was used with another body, for ${kind} ${detail}`);
  if (outcome === 'quota')
    throw new AppError('QUOTA_EXCEEDED', `${detail} jobs of this key wait in the queue, and ${limit} may`, {
      permanent: false,
    });
}

/** The id of what was made under the key before; null: nothing. Throws IDEMPOTENCY_CONFLICT. */
export async function recall(
  run: RunScript,
  keys: Keys,
  kind: AdmittedKind,
  owner: string,
  idempotency: Idempotency | null,
): Promise<string | null> {
  if (idempotency === null) return null;
  const reply = await run(recallScript, keyOf(keys, kind, owner, idempotency), idempotency.bodyHash, kind);
  if (reply === null) return null;
  const found = reply as [string, string];
  assertAdmitted(kind, found, 0);
  return found[1];
}
