/** Counts what is kept in memory and refuses past the limit, before anything is allocated; what may lie on disk goes there instead. */
import type { Elements } from '../codecs/elements.ts';
import { AppError } from '../errors.ts';
import type { Spill, StoredElements } from './spill.ts';

export interface Budget {
  /** Throws DATASET_TOO_LARGE. */
  take(bytes: number, what: string): void;
  /** Bytes of memory. */
  left(): number;
  /** Bytes of memory and disk. */
  room(): number;
  /** Where the next block of so many bytes belongs; memory is taken for it. Throws DATASET_TOO_LARGE where there is no disk. */
  place(bytes: number, what: string): 'memory' | 'disk';
  /** Writes a block that `place` sent to the disk. Throws DATASET_TOO_LARGE, STORE_UNAVAILABLE */
  store(data: Elements, what: string): StoredElements;
  /** Throws DATASET_TOO_LARGE when a file promises more rows than any dataset here may have. */
  checkRows(rows: number, what: string): void;
}

/** A count of rows costs memory even where a row has no bytes: labels, orders of drawing, splits. */
const bytesPerRow = 8;
/** Of memory: where there is a disk, blocks leave as much for what has to be in memory. */
const reservedShare = 0.25;

/** `spill` null: what does not fit into memory is refused. */
export function createBudget(maxBytes: number, spill: Spill | null = null): Budget {
  let left = maxBytes;
  const take = (bytes: number, what: string) => {
    if (bytes > left) {
      const message = `${what} takes ${bytes} bytes in memory; of the limit of ${maxBytes} bytes ${left} are left`;
      throw new AppError('DATASET_TOO_LARGE', message);
    }
    left -= bytes;
  };
  return {
    take,
    left: () => left,
    room: () => left + (spill?.left() ?? 0),
    place(bytes, what) {
      if (spill !== null && left - bytes < maxBytes * reservedShare) return 'disk';
      take(bytes, what);
      return 'memory';
    },
    store(data, what) {
      if (spill === null) throw new AppError('INTERNAL', `${what}: there is no disk for large datasets`);
      return spill.store(data, what);
    },
    checkRows(rows, what) {
      if (rows * bytesPerRow <= maxBytes) return;
      const most = Math.floor(maxBytes / bytesPerRow);
      throw new AppError('DATASET_TOO_LARGE', `${what} promises ${rows} rows; the limit of this server is ${most}`);
    },
  };
}
