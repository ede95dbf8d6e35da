/** Arrow IPC: files (Feather version 2) and streams, buffers plain or compressed with LZ4 or Zstandard. */
import type { Field, RecordBatch, Schema, Vector } from 'apache-arrow';
import { AppError } from '../errors.ts';
import { malformed, type Origin } from './byte-source.ts';

export type { DataType, Field, Vector } from 'apache-arrow';

export interface ArrowTable {
  readonly fields: readonly Field[];
  /** Of the schema: what programs write beside the columns. */
  readonly metadata: ReadonlyMap<string, string>;
  readonly batches: readonly RecordBatch[];
  readonly rows: number;
  vector(batch: RecordBatch, column: number): Vector;
}

type Library = typeof import('apache-arrow');

let loading: Promise<Library> | null = null;

/** Loaded with the first file: the API, which knows the formats and opens no file, never needs the library. */
function loadArrow(): Promise<Library> {
  loading ??= Promise.all([import('apache-arrow'), import('fzstd'), import('lz4js')]).then(([arrow, zstd, lz4]) => {
    // Decompressed buffers must begin at a multiple of 8 bytes: they are copied.
    arrow.compressionRegistry.set(arrow.CompressionType.ZSTD, {
      decode: (data) => new Uint8Array(zstd.decompress(data)),
    });
    arrow.compressionRegistry.set(arrow.CompressionType.LZ4_FRAME, {
      decode: (data) => new Uint8Array(lz4.decompress(data)),
    });
    return arrow;
  });
  return loading;
}

/** True for the first bytes of a file; streams begin with a length, -1 before it. */
export const isArrowFile = (head: Uint8Array): boolean => String.fromCharCode(...head.subarray(0, 6)) === 'ARROW1';
export const isArrowStream = (head: Uint8Array): boolean =>
  head.length > 8 &&
  head.subarray(0, 4).every((byte) => byte === 0xff) &&
  head[7] === 0 &&
  (head[4] ?? 0) + (head[5] ?? 0) > 0;

/** Throws the origin's code for what the library cannot read. */
export async function readArrow(bytes: Uint8Array, origin: Origin): Promise<ArrowTable> {
  const arrow = await loadArrow();
  try {
    if (isArrowFile(bytes) && String.fromCharCode(...bytes.subarray(-6)) !== 'ARROW1')
      malformed(origin, 'truncated: the Arrow file is cut off, its footer is missing; write or download it again');
    const reader = arrow.RecordBatchReader.from(bytes);
    reader.open();
    const schema: Schema = reader.schema;
    const batches = [...reader];
    return {
      fields: schema.fields,
      metadata: schema.metadata,
      batches,
      rows: batches.reduce((sum, { numRows }) => sum + numRows, 0),
      vector: (batch, column) => batch.getChildAt(column) ?? malformed(origin, `a record batch lacks column ${column}`),
    };
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    return malformed(
      origin,
      `the Arrow data is damaged, truncated or of a kind that is not read: ${reason.slice(0, 200)}`,
      cause,
    );
  }
}
