/** A column of encoded pictures, decoded while the table is read. */
import type { Picture } from '../../codecs/pictures/picture.ts';
import type { Budget } from '../budget.ts';
import { createDecodeQueue, type ImageSize } from '../pictures/decode-all.ts';
import { createPixelStore } from '../pictures/pixel-store.ts';
import type { ArrayColumn } from './columns.ts';

export interface PictureCells {
  /** `place` names the row in errors. The bytes are not touched afterwards. */
  add(bytes: Uint8Array, place: string): Promise<void>;
  /** A picture that needs no decoding. */
  put(picture: Picture, place: string): void;
  rows(): number;
  /** Throws DATASET_MALFORMED naming the damaged pictures and their number. */
  finish(): Promise<ArrayColumn>;
}

export function createPictureCells(
  name: string,
  imageSize: ImageSize | undefined,
  budget: Budget,
  what: string,
): PictureCells {
  const store = createPixelStore(budget, what);
  const queue = createDecodeQueue(what, imageSize);
  let rows = 0;
  return {
    rows: () => rows,
    async add(bytes, place) {
      const row = rows++;
      await queue.add(place, bytes, [{ put: (picture) => store.put(row, picture, place) }]);
    },
    put(picture, place) {
      store.put(rows++, picture, place);
    },
    async finish() {
      await queue.finish(rows);
      const { column, role, range } = store.finish(name);
      return { kind: 'arrays', name, rows, column, role, range, isWhole: true };
    },
  };
}

/** Values of a column: bytes, or { bytes, path } as Hugging Face stores an Image. Returns why the column cannot be used, null when it can. */
export async function addPictures(cells: PictureCells, values: Iterable<unknown>): Promise<string | null> {
  for (const value of values) {
    const bytes: unknown = typeof value === 'object' && value !== null && 'bytes' in value ? value.bytes : value;
    const place = `row ${cells.rows() + 1}`;
    if (!(bytes instanceof Uint8Array))
      return `holds no bytes in ${place} (a missing picture, or only its path): store the pictures themselves`;
    await cells.add(bytes.slice(), place);
  }
  return null;
}
