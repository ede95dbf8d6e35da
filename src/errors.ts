/**
 * The one error vocabulary of the project.
 *
 *   AppError
 *     code       stable, SCREAMING_SNAKE_CASE, one of the keys of `errorCodes`; what programs compare (never instanceof across processes)
 *     message    names the offending value, its place and the fix
 *     details    machine-readable context; `errors: [{ pointer, message }]` where JSON pointers apply
 *     permanent  true: the same request fails again; false: a retry may succeed
 *
 * No HTTP status lives here: src/http/error-handler.ts maps codes to statuses.
 */

/** Every code with its meaning. A code is added here once and never renamed. */
export const errorCodes = {
  // Requests and options
  USAGE: 'The command line could not be understood.',
  INVALID_INPUT: 'A field of the request is missing, unknown or out of range.',
  OPTION_INVALID: 'An option of a method or zoo model is unknown or out of range.',
  // Models
  MODEL_MALFORMED: 'The topology is not the JSON of a supported format.',
  MODEL_TOO_LARGE: 'The topology exceeds a size, depth or parameter limit.',
  MODEL_CYCLE: 'The graph of layers contains a cycle.',
  LAYER_UNKNOWN: 'A layer class is not supported.',
  LAYER_INVALID: 'A layer configuration is invalid or does not fit its input.',
  GRADIENT_UNPROVEN: 'The network needs a kernel without a proven second-order gradient rule.',
  WEIGHTS_NOT_FOUND: 'The weights file does not exist or cannot be opened.',
  WEIGHTS_MALFORMED: 'A weights file is truncated, lying or not of its format.',
  WEIGHTS_MISMATCH: 'Given weights do not match the parameters of the model.',
  ZOO_UNKNOWN: 'No zoo model has that name.',
  // Data
  DATASET_NOT_FOUND: 'The dataset reference points to nothing.',
  DATASET_FORMAT_UNKNOWN: 'The format of the dataset could not be recognised.',
  DATASET_MALFORMED: 'A dataset file is truncated, lying or not of its format.',
  DATASET_INVALID: 'The data cannot be used: labels out of range, non-finite values, one class, or nothing in it.',
  DATASET_TOO_LARGE: 'The dataset exceeds the configured limit.',
  DATASET_SHAPE_MISMATCH: 'The data does not fit the inputs or outputs of the model.',
  BATCH_TOO_LARGE: 'A batch asks for more samples than the dataset has.',
  // Methods and runs
  METHOD_UNKNOWN: 'No initialisation method has that name.',
  METHOD_NOT_APPLICABLE: 'The method does not apply to this topology.',
  LOSS_UNKNOWN: 'No loss has that name.',
  DIVERGED: 'A loss, norm or scale became NaN or infinite.',
  CANCELLED: 'The run was cancelled.',
  STEP_NOT_PURE: 'A step read a value or used a tensor that is not one of its inputs while it was recorded.',
  CHECKPOINT_MISMATCH: 'A saved state belongs to another specification.',
  REPLAY_MALFORMED: 'A reference case is incomplete or malformed.',
  // Artifacts
  ARTIFACT_FORMAT_UNKNOWN: 'No artifact format has that name.',
  ARTIFACT_UNSUPPORTED: 'The topology cannot be expressed in that artifact format.',
  OUTPUT_UNWRITABLE: 'The output folder cannot be written.',
  // Queue and service
  QUEUE_UNAVAILABLE: 'Redis cannot be reached or refuses writes; try again later.',
  IDEMPOTENCY_CONFLICT: 'The Idempotency-Key was used with another body.',
  JOB_NOT_FOUND: 'No job has that id.',
  JOB_STATE: 'The job is in a status that does not allow this.',
  JOB_EXPIRED: 'The job waited in the queue or ran longer than its limit.',
  WORKER_LOST: 'The process that ran the job died on every attempt.',
  // Machine
  BACKEND_UNAVAILABLE: 'TensorFlow could not be loaded or the wanted device is missing.',
  INTERNAL: 'An unexpected error; a bug of this project.',
} as const;

export type ErrorCode = keyof typeof errorCodes;

export interface ErrorOptions {
  details?: Record<string, unknown>;
  cause?: unknown;
  /** Default true: bad input stays bad. */
  permanent?: boolean;
}

/** The only error class that crosses folders. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly details: Record<string, unknown>;
  readonly permanent: boolean;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.details = options.details ?? {};
    this.permanent = options.permanent ?? true;
  }
}

/** Wraps anything that was thrown: an AppError stays itself, all else becomes INTERNAL with its cause. */
export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new AppError('INTERNAL', message, { cause: thrown, permanent: false });
}
