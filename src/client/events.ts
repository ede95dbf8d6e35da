/** The events of a job as one stream that survives broken connections: it goes on after the last event it has seen. */
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../errors.ts';
import { parseServerSentEvents } from './server-sent-events.ts';
import { pauseMs, type Transport } from './transport.ts';
import type { JobEvent, JobStatus } from './types.ts';

const finished: readonly JobStatus[] = ['succeeded', 'failed', 'cancelled', 'expired'];

function isJobEvent(value: unknown): value is JobEvent {
  if (typeof value !== 'object' || value === null) return false;
  const { id, type, at, data } = value as Partial<Record<keyof JobEvent, unknown>>;
  return (
    typeof id === 'string' &&
    typeof type === 'string' &&
    typeof at === 'string' &&
    typeof data === 'object' &&
    data !== null
  );
}

function parseEvent(data: string): JobEvent {
  const parsed: unknown = JSON.parse(data);
  if (!isJobEvent(parsed)) throw new AppError('SERVICE_ANSWER', 'an event of the service lacks id, type, at or data');
  return parsed;
}

export const endsJob = ({ type, data }: JobEvent): boolean =>
  type === 'status' && finished.some((status) => status === data.status);

async function isOver(transport: Transport, path: string, signal: AbortSignal | undefined): Promise<boolean> {
  const { status } = await transport.json<{ status: JobStatus }>({ path: path.replace(/\/events$/, ''), signal });
  return finished.includes(status);
}

/**
 * Events of the job at `path`, each once and in order, until it has finished.
 *
 * @throws what the service answers; SERVICE_UNREACHABLE after too many broken connections in a row
 */
export async function* followEvents(
  transport: Transport,
  path: string,
  after: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<JobEvent> {
  let last = after;
  for (let broken = 0; ; ) {
    const headers = { accept: 'text/event-stream', ...(last === '' ? {} : { 'last-event-id': last }) };
    const response = await transport.send({ path, headers, signal });
    if (response.status === 204) return;
    let closed = false;
    try {
      for await (const { data } of parseServerSentEvents(response.body ?? new ReadableStream())) {
        const event = parseEvent(data);
        last = event.id;
        broken = 0;
        yield event;
        if (endsJob(event)) return;
      }
      closed = true;
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof AppError) throw error;
    }
    // A job that had finished before `after` has no further event to end with.
    if (closed && (await isOver(transport, path, signal))) return;
    broken += 1;
    if (broken > transport.retries)
      throw new AppError('SERVICE_UNREACHABLE', `the event stream of ${path} broke off ${broken} times in a row`, {
        permanent: false,
      });
    await sleep(pauseMs(broken, null), undefined, signal ? { signal } : {});
  }
}
