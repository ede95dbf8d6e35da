/** Converts an error of TensorFlow to one that a user can act on. The original text is kept in `cause` for logs. */
import { AppError } from '../../errors.ts';

const outOfRange = /indices\[.*?\] = (-?\d+) is not in \[0, (\d+)\)/;
const outOfMemory =
  /OOM|Resource exhausted|ResourceExhausted|failed to allocate|out of memory|TF_Status: 8\b|overflow when multiplying|Array buffer allocation failed|Invalid typed array length/i;
/** The binding writes the reason after this word, on the line after the status. */
const statedReason = /^Message: (.*)/m;
/** Most characters of TensorFlow's reason that are shown. */
const maxReasonCharacters = 160;

/** TensorFlow's reason in one line without its source location; empty where there is none. */
function reasonOf(text: string): string {
  const reason = statedReason.exec(text)?.[1] ?? '';
  const plain = reason.replace(/,? in file [^ ]+|\/job:\S+/g, '').trim();
  return plain === '' ? '' : ` (TensorFlow: ${plain.slice(0, maxReasonCharacters)})`;
}

/** True for errors of TensorFlow and of memory allocation; other errors are bugs. */
export const isRefusedByTensorFlow = (thrown: unknown): boolean =>
  thrown instanceof Error && (/TF_Status/.test(thrown.message) || outOfMemory.test(thrown.message));

/** @param what the layer or step that failed, for the message: 'layer "embedding" (Embedding)' */
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
  const message = `${what} cannot run on tensors of these shapes and types${reasonOf(text)}; change the layers or the size of the samples`;
  return new AppError('LAYER_INVALID', message, { cause });
}
