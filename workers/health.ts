/** The health port of a worker process, for orchestrators. */
import { createServer } from 'node:http';
import type { DeviceState } from './device-worker.ts';

export interface HealthReport {
  readonly ready: boolean;
  /** True when Redis accepts writes as the primary. */
  readonly redis: boolean;
  readonly draining: boolean;
  readonly devices: readonly DeviceState[];
  /** Problems that do not prevent work, for example jobs on the CPU. */
  readonly warnings: readonly string[];
}

/** GET /health/live: 200. GET /health/ready: 200 or 503, with the report. */
export async function startHealth(
  host: string,
  port: number,
  report: () => Promise<HealthReport>,
): Promise<{ port: number; close(): void }> {
  const server = createServer({ requestTimeout: 5000, headersTimeout: 5000 }, (request, response) => {
    const answer = (status: number, body: object) => {
      response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
      response.end(`${JSON.stringify(body)}\n`);
    };
    if (request.method !== 'GET' && request.method !== 'HEAD') return answer(405, { error: 'only GET' });
    if (request.url === '/health/live') return answer(200, { live: true });
    if (request.url !== '/health/ready') return answer(404, { error: 'there are /health/live and /health/ready' });
    report().then(
      (current) => answer(current.ready ? 200 : 503, current),
      () => answer(503, { error: 'the state of the worker cannot be told' }),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address();
  return { port: typeof address === 'object' && address !== null ? address.port : port, close: () => server.close() };
}
