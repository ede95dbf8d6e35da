/** The error for operations that the catalogue does not have. */
import { AppError } from '../../errors.ts';

/** Throws LAYER_UNKNOWN, naming the alternatives. */
export function refuseOperation(name: string, operation: string): never {
  const message = `layer "${name}" (${operation}): the operation is not supported; express it with stock layers or with supported operations`;
  throw new AppError('LAYER_UNKNOWN', message, { details: { layer: name, className: operation } });
}
