/** Arrow IPC: files (Feather version 2) and streams, buffers plain or compressed with LZ4 or Zstandard. */
import type { Field, RecordBatch, Vector } from 'apache-arrow';
import { AppError } from '../errors.ts';
import { malformed, type Origin } from './byte-source.ts';

export type { DataType, Field, Vector } from 'apache-arrow';

export interface ArrowTable {
  readonly fields: readonly Field[];
  /** Metadata of the schema, which programs write beside the columns. */
  readonly metadata: ReadonlyMap<string, string>;
  /**
   * The record batches, decompressed one at a time; they can be iterated once. Throws the origin's code, and DATASET_TOO_LARGE for a batch beyond the
   * limit.
   */
  batches(): Generator<RecordBatch>;
  vector(batch: RecordBatch, column: number): Vector;
}

type Library = typeof import('apache-arrow');

/** Bytes that the remaining buffers of the current batch may take. A module variable suffices, because a batch is decoded synchronously. */
let bytesLeft = 0;

let loading: Promise<Library> | null = null;

/** Loads the library with the first file, so that the API process, which knows the formats but opens no files, never loads it. */
function loadArrow(): Promise<Library> {
  loading ??= Promise.all([import('apache-arrow'), import('fzstd'), import('lz4js')]).then(([arrow, zstd, lz4]) => {
    arrow.compressionRegistry.set(arrow.CompressionType.ZSTD, {
      decode: (data) =>
        decompressed(data, (target) => {
          let length = 0;
          const stream = new zstd.Decompress((chunk) => {
            if (length + chunk.length <= target.length) target.set(chunk, length);
            length += chunk.length;
            if (length > target.length) throw new Error('a buffer holds more bytes than it promises');
          });
          stream.push(data, true);
          return length;
        }),
    });
    arrow.compressionRegistry.set(arrow.CompressionType.LZ4_FRAME, {
      decode: (data) => decompressed(data, (target) => lz4.decompressFrame(data, target)),
    });
    return arrow;
  });
  return loading;
}

/**
 * Decompresses a buffer. It begins with its uncompressed length as int64, which is checked against the limit before memory is allocated. The result
 * is aligned to 8 bytes, as typed arrays require.
 */
function decompressed(data: Uint8Array, decompress: (target: Uint8Array) => number): Uint8Array {
  const promised = Number(new DataView(data.buffer, data.byteOffset - 8, 8).getBigInt64(0, true));
  if (promised < 0) throw new Error(`a buffer promises ${promised} bytes`);
  if (promised > bytesLeft)
    throw new AppError(
      'DATASET_TOO_LARGE',
      `a record batch takes more than the ${bytesLeft} bytes that the limit leaves: a compressed buffer promises ${promised}`,
    );
  bytesLeft -= promised;
  const target = new Uint8Array(promised);
  const length = decompress(target);
  if (length !== promised) throw new Error(`a buffer promises ${promised} bytes and holds ${length}`);
  return target;
}

/** True for the first bytes of an Arrow file. */
export const isArrowFile = (head: Uint8Array): boolean => String.fromCharCode(...head.subarray(0, 6)) === 'ARROW1';
/** True for the first bytes of an Arrow stream, which begins with -1 and a length. */
export const isArrowStream = (head: Uint8Array): boolean =>
  head.length > 8 &&
  head.subarray(0, 4).every((byte) => byte === 0xff) &&
  head[7] === 0 &&
  (head[4] ?? 0) + (head[5] ?? 0) > 0;

/**
 * Opens a table whose bytes are in memory.
 *
 * @param maxBatchBytes most bytes of the decompressed buffers of one record batch
 * @throws the origin's code when the library cannot read the bytes
 */
export async function readArrow(bytes: Uint8Array, maxBatchBytes: number, origin: Origin): Promise<ArrowTable> {
  const arrow = await loadArrow();
  const guarded = <T>(run: () => T): T => {
    bytesLeft = maxBatchBytes;
    try {
      return run();
    } catch (cause) {
      throw explained(cause, origin);
    }
  };
  if (isArrowFile(bytes) && String.fromCharCode(...bytes.subarray(-6)) !== 'ARROW1')
    malformed(origin, 'truncated: the Arrow file is cut off, its footer is missing; write or download it again');
  const reader = guarded(() => arrow.RecordBatchReader.from(bytes).open());
  const { schema } = reader;
  return {
    fields: schema.fields,
    metadata: schema.metadata,
    *batches() {
      while (true) {
        const next = guarded(() => reader.next());
        if (next.done) return;
        yield next.value;
      }
    },
    vector: (batch, column) => batch.getChildAt(column) ?? malformed(origin, `a record batch lacks column ${column}`),
  };
}

function explained(cause: unknown, origin: Origin): AppError {
  if (cause instanceof AppError)
    return cause.message.startsWith(origin.name) ? cause : new AppError(cause.code, `${origin.name}: ${cause.message}`);
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new AppError(
    origin.code,
    `${origin.name}: the Arrow data is damaged, truncated or of a kind that is not read: ${reason.slice(0, 200)}`,
    { cause },
  );
}
