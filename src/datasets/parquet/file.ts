/** One Parquet file: its footer first, then its columns, one of one row group at a time. */
import { type Compressors, type FileMetaData, parquetMetadataAsync, parquetRead, parquetSchema } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { malformed, type Origin } from '../../codecs/byte-source.ts';
import type { FileSource } from '../../codecs/file-source.ts';
import { AppError } from '../../errors.ts';
import type { ColumnName } from '../table/choose-columns.ts';
import type { TableHints } from '../table/columns.ts';
import { type ColumnContent, classLabelsOf, contentOf, hintsOf } from './schema.ts';

export interface ParquetColumn extends ColumnName {
  readonly content: ColumnContent;
}

export interface ParquetFile {
  readonly rows: number;
  readonly columns: readonly ParquetColumn[];
  readonly hints: TableHints;
  /** The values of a column, in order, some rows at a time: numbers, bigints, strings, booleans, lists, bytes, null. */
  read(column: string): AsyncGenerator<ArrayLike<unknown>>;
}

const magic = 'PAR1';
const maxFooterBytes = 2 ** 28;
/** A page is decoded as a whole, whatever it promises. */
const maxGroupRows = 2 ** 25;
/** Rows that are read at a time out of a larger row group. */
const rowsAtOnce = 2 ** 17;

/** A page is decompressed as a whole: its promise is checked before memory is taken. */
function limitedCompressors(maxPageBytes: number, origin: Origin): Compressors {
  const limited = Object.entries(compressors).map(([codec, decompress]) => [
    codec,
    (input: Uint8Array, length: number) => {
      if (length > maxPageBytes)
        throw new AppError(
          'DATASET_TOO_LARGE',
          `${origin.name}: a page promises ${length} bytes, the limit leaves ${maxPageBytes}; write smaller row groups`,
        );
      return decompress(input, length);
    },
  ]);
  return Object.fromEntries(limited);
}

/** Throws the origin's code for a damaged footer, DATASET_TOO_LARGE for row groups and pages beyond reason. */
export async function openParquet(file: FileSource, maxPageBytes: number, origin: Origin): Promise<ParquetFile> {
  const pageCompressors = limitedCompressors(maxPageBytes, origin);
  await checkEnds(file, origin);
  const buffer = {
    byteLength: file.size,
    slice: async (start: number, end = file.size) => {
      if (start < 0 || end > file.size || end < start)
        return malformed(origin, `a column lies outside the file, at byte ${start}`);
      return (await file.readAt(start, end - start)).buffer;
    },
  };
  const metadata = await guarded(origin, () => parquetMetadataAsync(buffer));
  for (const { num_rows } of metadata.row_groups) {
    if (num_rows > BigInt(maxGroupRows))
      throw new AppError(
        'DATASET_TOO_LARGE',
        `${origin.name}: a row group promises ${num_rows} rows; the limit is ${maxGroupRows}: write smaller row groups`,
      );
  }
  const groups = metadata.row_groups.map(({ num_rows }) => Number(num_rows));
  const rows = groups.reduce((sum, count) => sum + count, 0);
  if (BigInt(rows) !== metadata.num_rows)
    malformed(origin, `the footer promises ${metadata.num_rows} rows, its row groups ${rows}`);
  const classNames = classLabelsOf(metadata.key_value_metadata?.find(({ key }) => key === 'huggingface')?.value);
  const columns = await guarded(origin, async () => columnsOf(metadata, classNames));
  return {
    rows,
    columns,
    hints: hintsOf(columns, classNames),
    async *read(column) {
      let groupStart = 0;
      for (const count of groups) {
        for (let start = 0; start < count; start += rowsAtOnce) {
          const [from, to] = [groupStart + start, groupStart + Math.min(count, start + rowsAtOnce)];
          yield* await guarded(origin, () => readRows(buffer, metadata, pageCompressors, column, from, to));
        }
        groupStart += count;
      }
    },
  };
}

function columnsOf(metadata: FileMetaData, classNames: TableHints['classNames']): ParquetColumn[] {
  return parquetSchema(metadata).children.map((tree) => {
    const { name } = tree.element;
    const content = contentOf(tree);
    return {
      name,
      content,
      isClassLabel: classNames.has(name),
      isArray: content.kind === 'arrays' || content.kind === 'pictures',
    };
  });
}

type Buffer = Parameters<typeof parquetRead>[0]['file'];

/** Exactly the rows from `from` to `to`: chunks may reach beyond them. */
async function readRows(
  file: Buffer,
  metadata: FileMetaData,
  pageCompressors: Compressors,
  column: string,
  from: number,
  to: number,
): Promise<ArrayLike<unknown>[]> {
  const parts: ArrayLike<unknown>[] = [];
  await parquetRead({
    file,
    metadata,
    columns: [column],
    rowStart: from,
    rowEnd: to,
    compressors: pageCompressors,
    // Bytes without a logical type are bytes: pictures.
    utf8: false,
    onChunk({ columnData, rowStart, rowEnd }) {
      const [start, end] = [Math.max(from, rowStart), Math.min(to, rowEnd)];
      if (start < end) parts.push(columnData.slice(start - rowStart, end - rowStart));
    },
  });
  const read = parts.reduce((sum, { length }) => sum + length, 0);
  if (read !== to - from) throw new Error(`column ${column} has ${read} values in rows ${from} to ${to}`);
  return parts;
}

async function checkEnds(file: FileSource, origin: Origin): Promise<void> {
  if (file.size < 12) malformed(origin, 'truncated: a Parquet file has a footer, this one is cut off');
  const tail = await file.readAt(file.size - 8, 8);
  if (new TextDecoder('latin1').decode(tail.subarray(4)) !== magic)
    malformed(
      origin,
      'truncated: it is cut off, the footer with PAR1 at its end is missing; download or write it again',
    );
  const footer = new DataView(tail.buffer).getUint32(0, true);
  if (footer > Math.min(file.size - 12, maxFooterBytes))
    malformed(origin, `the footer promises ${footer} bytes in a file of ${file.size}`);
}

/** What the library throws is the file's fault. */
async function guarded<T>(origin: Origin, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    return malformed(
      origin,
      `the Parquet data is damaged or of a kind that is not read: ${cause instanceof Error ? cause.message : cause}`,
      cause,
    );
  }
}
