/** The client's methods for comparisons. */
import { randomUUID } from 'node:crypto';
import { longPoll, type WaitOptions } from './long-poll.ts';
import type { Transport } from './transport.ts';
import type { Comparison, ComparisonPage, ComparisonRequest, Signalled, SubmitOptions } from './types.ts';

const path = (id: string, rest = '') => `/v1/comparisons/${encodeURIComponent(id)}${rest}`;

/** True for a comparison that has finished. */
export const isComparisonOver = ({ status }: Comparison): boolean => status !== 'queued' && status !== 'running';

/** Every method throws AppErrors with the codes of the service, or SERVICE_UNREACHABLE. */
export function createComparisonClient(transport: Transport) {
  return {
    create: (request: ComparisonRequest, { idempotencyKey = randomUUID(), signal }: SubmitOptions = {}) =>
      transport.json<Comparison>({
        method: 'POST',
        path: '/v1/comparisons',
        json: request,
        headers: { 'idempotency-key': idempotencyKey },
        repeatable: true,
        signal,
      }),
    get: (id: string, { signal }: Signalled = {}) => transport.json<Comparison>({ path: path(id), signal }),
    /** One page, newest first; `after` is the last id of the previous page. */
    list: ({ signal, ...query }: Signalled & { limit?: number; after?: string } = {}) =>
      transport.json<ComparisonPage>({ path: '/v1/comparisons', query, signal }),
    /** Polls until every cell has finished or the time is over; resolves with the comparison in whatever status it then has. */
    wait: (id: string, options: WaitOptions = {}) =>
      longPoll(
        (seconds) =>
          transport.json<Comparison>({
            path: path(id),
            query: { wait: seconds },
            timeoutMs: seconds * 1000,
            signal: options.signal,
          }),
        isComparisonOver,
        options,
      ),
    cancel: (id: string, { signal }: Signalled = {}) =>
      transport.json<Comparison>({ method: 'POST', path: path(id, '/cancel'), repeatable: true, signal }),
    remove: async (id: string, { signal }: Signalled = {}) => {
      await transport.send({ method: 'DELETE', path: path(id), signal });
    },
    /** The report with the results so far, as text; `ending` selects the format. */
    async report(id: string, ending: 'json' | 'md' | 'html', { signal }: Signalled = {}): Promise<string> {
      const headers = { accept: '*/*' };
      return (await transport.send({ path: path(id, `/report.${ending}`), headers, signal })).text();
    },
  };
}
