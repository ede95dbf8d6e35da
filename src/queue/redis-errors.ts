/** What failures of Redis are called. */
import { AppError, toAppError } from '../errors.ts';

const unreachable = 'Redis cannot be reached; try again later';

/** Answers of a server that is there and does not serve, or not yet. Any other answer that is an error is a bug of this project. */
const refusals: readonly (readonly [RegExp, string])[] = [
  [
    /\b(READONLY|UNBLOCKED|MASTERDOWN)\b/,
    'Redis has no primary at the moment: the server is a replica; try again later',
  ],
  [/\b(LOADING|BUSY|TRYAGAIN)\b/, 'Redis is loading its data or busy; try again later'],
  [/\bOOM\b/, 'Redis is full: its maxmemory is reached; try again later'],
  [/\b(MISCONF|NOREPLICAS)\b/, 'Redis refuses writes, because it cannot save or replicate them; try again later'],
  [/\bCLUSTERDOWN\b/, 'the Redis cluster does not serve all of its keys; try again later'],
  [/\b(NOAUTH|WRONGPASS|NOPERM)\b/, 'Redis refuses the user or the password of REDIS_URL'],
  [/\b(MOVED|ASK)\b/, 'REDIS_URL names one node of a cluster: it must be redis+cluster://HOST:PORT,...'],
];

/** The code at the head of an answer; of scripts, older servers put it behind a hyphen. */
const codeOf = (message: string) => /^(?:EXECABORT\b.*?|ERR .*?-)?([A-Z]+)\b/.exec(message)?.[1] ?? '';

const refusalOf = (message: string): string | undefined =>
  refusals.find(([pattern]) => pattern.test(codeOf(message)))?.[1] ??
  (message.startsWith('EXECABORT') ? unreachable : undefined);

/** True for an answer of the server that is an error; false for a connection that failed. */
export const isReply = (error: unknown): error is Error => error instanceof Error && error.name === 'ReplyError';
export const isRefusal = ({ message }: Error): boolean => refusalOf(message) !== undefined;

/** Takes the commands off an error of ioredis, for the log: that of AUTH has the password among its arguments. */
export function withoutCommand<T>(error: T): T {
  if (!(error instanceof Error)) return error;
  Reflect.deleteProperty(error, 'command');
  for (const name of ['cause', 'lastNodeError', 'previousErrors']) {
    const nested: unknown = Reflect.get(error, name);
    for (const other of Array.isArray(nested) ? nested : [nested]) withoutCommand(other);
  }
  return error;
}

export const unavailable = (cause: unknown): AppError => {
  const refusal = isReply(cause) ? refusalOf(cause.message) : undefined;
  return new AppError('QUEUE_UNAVAILABLE', refusal ?? unreachable, { cause: withoutCommand(cause), permanent: false });
};

/** Mistakes of a program, and data that it cannot read. Errors of connections are of other kinds. */
const isMistake = (error: unknown): boolean =>
  [TypeError, SyntaxError, RangeError, ReferenceError].some((kind) => error instanceof kind);

/** Runs a piece of work on Redis. Throws QUEUE_UNAVAILABLE when Redis is away, refuses or takes too long; what else goes wrong is INTERNAL. */
export async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AppError) throw error;
    const isInternal = isMistake(error) || (isReply(error) && !isRefusal(error));
    throw isInternal ? toAppError(withoutCommand(error)) : unavailable(error);
  }
}
