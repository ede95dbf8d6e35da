/**
 * The error class and the error codes of the whole project.
 *
 *   AppError
 *     code       stable, SCREAMING_SNAKE_CASE, one of the keys of `errorCodes`; programs compare it (instanceof does not work across processes)
 *     message    names the offending value, its place and the fix
 *     problems   every wrong place of the request, where places can be named
 *     details    further machine-readable context
 *     permanent  true: the same request fails again; false: a retry may succeed
 *
 * HTTP statuses are not defined here: src/http/error-handler.ts maps codes to statuses.
 */

/** Every code with its meaning. A code is added here once and never renamed. */
export const errorCodes = {
  // Requests and options
  USAGE: 'The command line could not be understood.',
  INVALID_INPUT: 'A field of the request is missing, unknown or out of range.',
  REQUEST_MALFORMED: 'The request is not valid HTTP, or its body is not valid JSON.',
  REQUEST_TIMEOUT: 'The request took too long to arrive.',
  REQUEST_TOO_LARGE: 'The body or the head of the request exceeds the limit.',
  MEDIA_TYPE_UNSUPPORTED: 'The body has a Content-Type that this address does not take.',
  ROUTE_NOT_FOUND: 'Nothing is served under that path.',
  METHOD_NOT_ALLOWED: 'The path does not take that HTTP method.',
  UNAUTHENTICATED: 'The bearer token is missing or unknown.',
  FORBIDDEN: 'The key lacks the scope that this needs, or the request was sent to a foreign host name.',
  RANGE_INVALID: 'The wanted range does not lie in the content.',
  RATE_LIMITED: 'Too many requests in a short time; try again later.',
  QUOTA_EXCEEDED: 'Too many jobs of this key wait in the queue; try again later.',
  OVERLOADED: 'The server has more work than it can do, or is closing; try again later.',
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
  DATASET_AMBIGUOUS: 'The data can be understood in several ways; an option says which is meant.',
  DATASET_TOO_LARGE: 'The dataset exceeds the configured limit.',
  DATASET_SHAPE_MISMATCH: 'The data does not fit the inputs or outputs of the model.',
  DATASET_IN_USE: 'A job that is not finished needs the dataset.',
  REMOTE_REFUSED: 'The URL of a remote dataset or a webhook is not allowed.',
  REMOTE_FAILED: 'A remote dataset could not be fetched, or the receiver of a webhook not be reached.',
  BATCH_TOO_LARGE: 'A batch asks for more samples than the dataset has.',
  // Methods and runs
  METHOD_UNKNOWN: 'No initialisation method has that name.',
  METHOD_NOT_APPLICABLE: 'The method does not apply to this topology.',
  LOSS_UNKNOWN: 'No loss has that name.',
  DIVERGED: 'A loss, norm or scale became NaN or infinite.',
  CANCELLED: 'The run was cancelled.',
  STEP_NOT_PURE: 'A step read a value or used a tensor that is not one of its inputs while it was recorded.',
  CHECKPOINT_MISMATCH: 'A saved state belongs to another specification, or is damaged.',
  CHECKPOINT_TOO_LARGE: 'A checkpoint exceeds the configured limit.',
  OUT_OF_MEMORY: 'The device has too little memory for the network and the batch.',
  REPLAY_MALFORMED: 'A reference case is incomplete or malformed.',
  // Artifacts
  ARTIFACT_FORMAT_UNKNOWN: 'No artifact format has that name.',
  ARTIFACT_UNSUPPORTED: 'The topology cannot be expressed in that artifact format.',
  ARTIFACT_NOT_FOUND: 'Nothing is published under that name.',
  ARTIFACT_EXISTS: 'An artifact is already published under that name; it is never replaced.',
  ATTEMPT_FENCED: 'Another attempt owns the job now; what this one made is dropped.',
  OUTPUT_UNWRITABLE: 'The output folder cannot be written.',
  // Queue and service
  QUEUE_UNAVAILABLE: 'Redis cannot be reached or refuses writes; try again later.',
  IDEMPOTENCY_CONFLICT: 'The Idempotency-Key was used with another body.',
  COMPARISON_NOT_FOUND: 'No comparison has that id.',
  JOB_NOT_FOUND: 'No job has that id.',
  WEBHOOK_NOT_FOUND: 'The API key has no webhook of that id.',
  DELIVERY_NOT_FOUND: 'The job has no delivery of that id.',
  JOB_STATE: 'The job is in a status that does not allow this.',
  JOB_EXPIRED: 'The job waited in the queue or ran longer than its limit.',
  WORKER_LOST: 'The process that ran the job died on every attempt.',
  // Clients of the service
  SERVICE_UNREACHABLE: 'The service does not answer.',
  SERVICE_ANSWER: 'The service, or something in between, gave an answer that this client does not know.',
  DOWNLOAD_CORRUPT: 'What was downloaded does not have the promised size or sha256.',
  // Storage
  UPLOAD_TOO_LARGE: 'An upload exceeds the configured limit.',
  STORE_UNAVAILABLE: 'The blob store is full, away or refuses access; try again later.',
  STORE_CORRUPT: 'What was published under a key cannot be read any more: its manifest is damaged.',
  STORE_UNSUITABLE: 'The server of the bucket lacks a promise that published files rely on.',
  // Machine
  BACKEND_UNAVAILABLE: 'TensorFlow could not be loaded or the wanted device is missing.',
  INTERNAL: 'An unexpected error; a bug of this project.',
} as const;

export type ErrorCode = keyof typeof errorCodes;

/** True for a known code; used for codes that come from another process. */
export const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(errorCodes, code);

/** A problem at one place of a request. */
export interface PlacedProblem {
  /** JSON pointer (RFC 6901) to the value, or to where a missing one belongs. */
  readonly pointer: string;
  readonly message: string;
}

export interface ErrorOptions {
  problems?: readonly PlacedProblem[];
  details?: Record<string, unknown>;
  cause?: unknown;
  /** Default true, because invalid input stays invalid. */
  permanent?: boolean;
}

/** The only error class that crosses folders. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly problems: readonly PlacedProblem[];
  readonly details: Record<string, unknown>;
  readonly permanent: boolean;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.problems = options.problems ?? [];
    this.details = options.details ?? {};
    this.permanent = options.permanent ?? true;
  }
}

/** Messages of V8 for arrays, strings and maps that are too large to allocate. */
const tooLarge =
  /^(Array buffer allocation failed|Invalid (typed )?array( buffer)? length|Invalid string length|(Map|Set) maximum size exceeded|Cannot create a string longer than)/;

/**
 * Converts anything that was thrown: an AppError is returned unchanged, a failed allocation becomes OUT_OF_MEMORY, everything else becomes INTERNAL
 * with its cause.
 */
export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  if (thrown instanceof Error && tooLarge.test(message)) {
    const words = `the memory of this process does not hold it (${message}); take a smaller network, batch or dataset`;
    return new AppError('OUT_OF_MEMORY', words, { cause: thrown });
  }
  return new AppError('INTERNAL', message, { cause: thrown, permanent: false });
}
