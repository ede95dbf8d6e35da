/** Counts what is kept in memory and refuses past the limit, before anything is allocated. */
import { AppError } from '../errors.ts';

export interface Budget {
  /** Throws DATASET_TOO_LARGE. */
  take(bytes: number, what: string): void;
  left(): number;
  /** Throws DATASET_TOO_LARGE when a file promises more rows than any dataset here may have. */
  checkRows(rows: number, what: string): void;
}

/** A count of rows costs memory even where a row has no bytes: labels, orders of drawing, splits. */
const bytesPerRow = 8;

export function createBudget(maxBytes: number): Budget {
  let left = maxBytes;
  return {
    take(bytes, what) {
      if (bytes > left) {
        const message = `${what} takes ${bytes} bytes in memory; of the limit of ${maxBytes} bytes ${left} are left`;
        throw new AppError('DATASET_TOO_LARGE', message);
      }
      left -= bytes;
    },
    left: () => left,
    checkRows(rows, what) {
      if (rows * bytesPerRow <= maxBytes) return;
      const most = Math.floor(maxBytes / bytesPerRow);
      throw new AppError('DATASET_TOO_LARGE', `${what} promises ${rows} rows; the limit of this server is ${most}`);
    },
  };
}
