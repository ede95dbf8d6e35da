/**
 * Time limits that count the turns of the event loop. Where the loop was blocked for longer than the limit, an answer may have arrived and not have had its
 * turn: a plain timer fires first, and the error names the wrong party.
 */

/** A limit is counted in so many parts; after a blocked loop only one of them has passed. */
const parts = 4;

/** Calls back once, when the time is over. Returns how to stop. */
export function startTimeLimit(limitMs: number, onOver: () => void): () => void {
  let left = parts;
  const timer = setInterval(() => {
    left -= 1;
    if (left > 0) return;
    clearInterval(timer);
    onOver();
  }, limitMs / parts);
  return () => clearInterval(timer);
}

/** What the work gives. Rejects when it has not settled in time; it goes on unheard. */
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
 * A signal that aborts after a time, with an error named TimeoutError. Does not keep the process alive.
 *
 * Unlike AbortSignal.timeout, it can be one of several in AbortSignal.any: Node 20 refers to those weakly, so that the garbage collector takes a
 * signal of AbortSignal.timeout that nothing else refers to, and it never aborts. Here the timer holds the signal.
 */
export function timeoutSignal(delayMs: number): AbortSignal {
  const controller = new AbortController();
  const abort = () => controller.abort(new DOMException(`${delayMs} ms are over`, 'TimeoutError'));
  setTimeout(abort, delayMs).unref();
  return controller.signal;
}
