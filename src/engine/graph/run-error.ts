/** What TensorFlow says when an operation fails, as an error that a user can act on. Its own text stays in `cause`, for logs. */
import { AppError } from '../../errors.ts';

const outOfRange = /indices\[.*?\] = (-?\d+) is not in \[0, (\d+)\)/;
const outOfMemory = /OOM|Resource exhausted|ResourceExhausted|failed to allocate|out of memory/i;

/** @param what names the layer or step that failed: 'layer "embedding" (Embedding)' */
export function asRunError(what: string, cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  const text = cause instanceof Error ? cause.message : String(cause);
  const [, id, rows] = outOfRange.exec(text) ?? [];
  if (id !== undefined) {
    const message = `${what}: the data hold the id ${id}, ids go from 0 to ${Number(rows) - 1}; give the table more rows or correct the data`;
    return new AppError('DATASET_INVALID', message, { cause });
  }
  if (outOfMemory.test(text))
    return new AppError(
      'OUT_OF_MEMORY',
      `${what}: the memory of the device does not hold it; take a smaller batchSize, or memory: "low"`,
      { cause },
    );
  return new AppError('LAYER_INVALID', `${what} cannot run on tensors of these shapes and types`, { cause });
}
