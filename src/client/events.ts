/** The events of a job as one stream that continues after broken connections, from the last event received. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isTerminal, terminalStatuses } from '../contract/job-status.ts';
import { AppError } from '../errors.ts';
import { parseServerSentEvents, type ServerSentEvent } from './server-sent-events.ts';
import { pauseMs, type Transport } from './transport.ts';
import type { JobEvent, JobStatus } from './types.ts';

const types: readonly JobEvent['type'][] = ['status', 'progress', 'log'];

/** Null for an event type of a later version, which is skipped. */
function parseEvent({ id, event, data }: ServerSentEvent): JobEvent | null {
  const type = types.find((known) => known === event);
  if (type === undefined) return null;
  const parsed: unknown = JSON.parse(data);
  const { at, ...rest } = (typeof parsed === 'object' && parsed !== null ? parsed : {}) as Record<string, unknown>;
  if (typeof at !== 'string') throw new AppError('SERVICE_ANSWER', `the event ${id} of the service has no time`);
  return { id, type, at, data: rest };
}

/** True for an event with a final status. */
export const endsJob = ({ type, data }: JobEvent): boolean =>
  type === 'status' && terminalStatuses.some((status) => status === data.status);

async function isOver(transport: Transport, path: string, signal: AbortSignal | undefined): Promise<boolean> {
  const { status } = await transport.json<{ status: JobStatus }>({ path: path.replace(/\/events$/, ''), signal });
  return isTerminal(status);
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
      for await (const raw of parseServerSentEvents(response.body ?? new ReadableStream())) {
        last = raw.id;
        broken = 0;
        const event = parseEvent(raw);
        if (event === null) continue;
        yield event;
        // A job that was retried has an earlier final event, after which more events follow.
        if (endsJob(event) && (await isOver(transport, path, signal))) return;
      }
      closed = true;
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof AppError) throw error;
    }
    // A job that had finished before `after` sends no further final event.
    if (closed && (await isOver(transport, path, signal))) return;
    broken += 1;
    if (broken > transport.retries)
      throw new AppError('SERVICE_UNREACHABLE', `the event stream of ${path} broke off ${broken} times in a row`, {
        permanent: false,
      });
    await sleep(pauseMs(broken, null), undefined, signal ? { signal } : {});
  }
}
