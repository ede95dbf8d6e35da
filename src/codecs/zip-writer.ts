/** Writes zip files without compression, as `numpy.savez` does: equal content gives equal bytes (every date is 1980-01-01). */
import { AppError } from '../errors.ts';
import { crc32 } from './crc32.ts';

export interface ZipContent {
  readonly name: string;
  readonly chunks: readonly Uint8Array[];
}

const limitBytes = 0xffffffff;
/** 1980-01-01 00:00:00, the zero of zip's clock. */
const date = (1 << 5) | 1;
const utf8Names = 1 << 11;

/**
 * The file as chunks; the content's own memory is passed through, not copied.
 *
 * @throws ARTIFACT_UNSUPPORTED above 4 GiB or 65,535 entries, where readers would need zip64
 */
export function* encodeZip(contents: readonly ZipContent[]): Generator<Uint8Array> {
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const { name, chunks } of contents) {
    const encodedName = new TextEncoder().encode(name);
    const size = chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0);
    checkSize(offset + size + encodedName.byteLength + 1024, contents.length);
    const checksum = chunks.reduce((before, chunk) => crc32(chunk, before), 0);
    const local = header(0x04034b50, 30, encodedName, (view, at) =>
      describe(view, at, size, checksum, encodedName.byteLength),
    );
    directory.push(
      header(0x02014b50, 46, encodedName, (view) => {
        view.setUint16(4, 20, true);
        describe(view, 6, size, checksum, encodedName.byteLength);
        view.setUint32(42, offset, true);
      }),
    );
    yield local;
    yield* chunks;
    offset += local.byteLength + size;
  }
  const directoryBytes = directory.reduce((sum, { byteLength }) => sum + byteLength, 0);
  checkSize(offset + directoryBytes, contents.length);
  yield* directory;
  yield header(0x06054b50, 22, new Uint8Array(0), (view) => {
    view.setUint16(8, contents.length, true);
    view.setUint16(10, contents.length, true);
    view.setUint32(12, directoryBytes, true);
    view.setUint32(16, offset, true);
  });
}

function header(
  signature: number,
  length: number,
  name: Uint8Array,
  write: (view: DataView, at: number) => void,
): Uint8Array {
  const bytes = new Uint8Array(length + name.byteLength);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, signature, true);
  write(view, 4);
  bytes.set(name, length);
  return bytes;
}

/** The block that local headers and directory entries share: version, flags, method, time, date, checksum, sizes, name length. */
function describe(view: DataView, at: number, size: number, checksum: number, nameLength: number): void {
  view.setUint16(at, 20, true);
  view.setUint16(at + 2, utf8Names, true);
  view.setUint16(at + 8, date, true);
  view.setUint32(at + 10, checksum, true);
  view.setUint32(at + 14, size, true);
  view.setUint32(at + 18, size, true);
  view.setUint16(at + 22, nameLength, true);
}

function checkSize(bytes: number, entries: number): void {
  if (bytes <= limitBytes && entries <= 0xffff) return;
  throw new AppError(
    'ARTIFACT_UNSUPPORTED',
    `${entries} arrays in ${bytes} bytes exceed a zip file's 4 GiB; use safetensors`,
  );
}
