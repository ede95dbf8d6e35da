/** What a content-addressed store of uploads is: the name of a file is the sha256 of its bytes, so equal uploads are stored once. */
import type { Readable } from 'node:stream';
import { AppError } from '../errors.ts';

export interface StoredContent {
  /** Lower-case hex. */
  readonly sha256: string;
  readonly bytes: number;
  /** Where the bytes lie on this machine. Read-only. */
  readonly path: string;
}

/** Bytes on the disk of this machine that no other process can find yet. */
export interface ReceivedContent extends StoredContent {
  /** Makes them a content of the store; `path` changes. */
  keep(): Promise<StoredContent>;
  /** Removes them, unless they were kept. */
  discard(): Promise<void>;
}

/** A content as a listing has it. */
export interface ListedContent {
  readonly sha256: string;
  readonly bytes: number;
  /** When it was last stored. */
  readonly modifiedAt: Date;
}

export interface PutOptions {
  readonly maxBytes: number;
  readonly signal?: AbortSignal;
}

export interface ContentStore {
  /** For messages and health reports. */
  readonly name: string;
  /**
   * Reads a stream to its end, whatever its length, in constant memory. Destroys the stream when it gives up; leaves no file behind then.
   *
   * @throws UPLOAD_TOO_LARGE past `maxBytes`; CANCELLED; STORE_UNAVAILABLE; the stream's own error
   */
  receive(stream: Readable, options: PutOptions): Promise<ReceivedContent>;
  /** The content on this machine, fetched first where the store is remote; null when it is not stored. */
  locate(sha256: string): Promise<StoredContent | null>;
  remove(sha256: string): Promise<void>;
  /** All contents, in no order. Fetches none. */
  entries(): AsyncIterable<ListedContent>;
  sweep(): Promise<void>;
  check(): Promise<void>;
}

/** Receives a stream and keeps it. Throws what both throw. */
export async function putStream(
  store: Pick<ContentStore, 'receive'>,
  stream: Readable,
  options: PutOptions,
): Promise<StoredContent> {
  const received = await store.receive(stream, options);
  try {
    return await received.keep();
  } finally {
    await received.discard();
  }
}

/** Digests become file names, so they may not be anything else. Throws INVALID_INPUT. */
export function checkDigest(sha256: string): string {
  if (/^[0-9a-f]{64}$/.test(sha256)) return sha256;
  throw new AppError(
    'INVALID_INPUT',
    `${JSON.stringify(sha256).slice(0, 100)} is no sha256: 64 lower-case hex digits are`,
  );
}
