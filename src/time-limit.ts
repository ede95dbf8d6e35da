/**
 * Time limits that are measured in turns of the event loop. When the loop was blocked for longer than the limit, an answer may have arrived without
 * being processed; a plain timer would fire first and report a timeout that the other side did not cause.
 */

/** A limit is divided into this many parts; a blocked loop delays only the current part. */
const parts = 4;

/** Calls back once, when the time is over. Returns a function that cancels the limit. */
function startTimeLimit(limitMs: number, onOver: () => void): () => void {
  let left = parts;
  const timer = setInterval(() => {
    left -= 1;
    if (left > 0) return;
    clearInterval(timer);
    onOver();
  }, limitMs / parts);
  return () => clearInterval(timer);
}

/** The result of `work`. Rejects when it has not settled in time; the work then continues, and its result is ignored. */
export async function withTimeLimit<T>(work: Promise<T>, limitMs: number): Promise<T> {
  let stop = () => {};
  const late = new Promise<never>((_, reject) => {
    stop = startTimeLimit(limitMs, () => reject(new Error(`no answer within ${limitMs} ms`)));
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    stop();
  }
}

/**
 * A signal that aborts after a time with an error named TimeoutError. It does not keep the process alive.
 *
 * Unlike AbortSignal.timeout, it may be an argument of AbortSignal.any: Node 20 holds those arguments weakly, so that a signal of AbortSignal.timeout
 * without another reference is garbage-collected and never aborts. Here the timer holds the signal.
 */
export function timeoutSignal(delayMs: number): AbortSignal {
  const controller = new AbortController();
  const abort = () => controller.abort(new DOMException(`${delayMs} ms are over`, 'TimeoutError'));
  setTimeout(abort, delayMs).unref();
  return controller.signal;
}
