/**
 * Server-sent events (WHATWG HTML, section 9.2) of one job for one client.
 *
 * Memory does not grow with the number of clients or with slow ones: an event is serialised once for all clients, and a client whose buffer is full is not
 * served until it has read. It then goes on from the last event that it received.
 */
import { once } from 'node:events';
import { PassThrough, type Readable } from 'node:stream';
import type { JobEvent } from '../contract/job-state.ts';
import { isEnd } from '../jobs/manage.ts';
import { timeoutSignal } from '../time-limit.ts';

export interface EventStreamOptions {
  /** Calls back for each event after the given one until the signal aborts. */
  follow(after: string, onEvent: (event: JobEvent) => void, signal: AbortSignal): Promise<void>;
  /** Called when an event of the end is found: the job may have been retried since. */
  isOver(): Promise<boolean>;
  /** The problem document that the client receives when the stream cannot go on. */
  problemOf(thrown: unknown): object;
  /** Id of the last event that the client has received; '' for none. */
  readonly after: string;
}

/** Proxies drop connections that are silent for a minute. */
const heartbeatMs = 15_000;
/** A client that reads nothing for this long is dropped. */
const stallMs = 60_000;
/** Time after which a browser connects again. */
const retryMs = 2000;

const written = new WeakMap<JobEvent, Buffer>();

/** The bytes of an event, equal for all clients. JSON text has no line break, so that the data is one line. */
function bytesOf(event: JobEvent): Buffer {
  const known = written.get(event);
  if (known !== undefined) return known;
  const { id, type, at, data } = event;
  const bytes = Buffer.from(`id: ${id}\nevent: ${type}\ndata: ${JSON.stringify({ at, ...data })}\n\n`);
  written.set(event, bytes);
  return bytes;
}

const open = new Set<PassThrough>();
let heartbeat: NodeJS.Timeout | undefined;

/** One timer for all streams. A stream whose reader is slow gets no heartbeat, so that its time limit ends it. */
function beat(): void {
  for (const stream of open) if (!stream.writableNeedDrain) stream.write(': still here\n\n');
}

function register(stream: PassThrough): void {
  open.add(stream);
  heartbeat ??= setInterval(beat, heartbeatMs).unref();
  stream.once('close', () => {
    open.delete(stream);
    if (open.size > 0) return;
    clearInterval(heartbeat);
    heartbeat = undefined;
  });
}

/** The stream of a job's events. Ends when the job is over, or with an event `problem` when it cannot go on; destroyed when it is closed. */
export function createEventStream(options: EventStreamOptions): Readable {
  const stream = new PassThrough();
  register(stream);
  stream.write(`retry: ${retryMs}\n\n`);
  pump(stream, options).catch((error: unknown) => {
    if (stream.destroyed) return;
    stream.end(`event: problem\ndata: ${JSON.stringify(options.problemOf(error))}\n\n`);
  });
  return stream;
}

/** Resolves to false when the client has read nothing for too long, or has disconnected. */
const isDrained = (stream: PassThrough, closed: AbortSignal): Promise<boolean> =>
  once(stream, 'drain', { signal: AbortSignal.any([closed, timeoutSignal(stallMs)]) }).then(
    () => true,
    () => false,
  );

async function pump(stream: PassThrough, { follow, isOver, after }: EventStreamOptions): Promise<void> {
  let last = after;
  let isDone = false;
  const closed = new AbortController();
  stream.once('close', () => closed.abort());

  while (!isDone && !closed.signal.aborted) {
    const pause = new AbortController();
    const finish = async () => {
      isDone = await isOver().catch(() => true);
      if (isDone) pause.abort();
    };
    const onEvent = (event: JobEvent) => {
      if (pause.signal.aborted) return;
      last = event.id;
      if (!stream.write(bytesOf(event))) pause.abort();
      if (isEnd(event)) void finish();
    };
    await follow(last, onEvent, AbortSignal.any([closed.signal, pause.signal]));
    if (stream.writableNeedDrain && !closed.signal.aborted && !(await isDrained(stream, closed.signal))) {
      stream.destroy();
      return;
    }
  }
  stream.end();
}
