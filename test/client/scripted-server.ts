/** A real HTTP server whose answers a test writes down, one handler for each request in turn; the last one answers all that follow. */
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { createClient } from '../../src/client/index.ts';
import { httpServer } from '../support/http-server.ts';

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}
export type Answer = (response: ServerResponse, seen: Seen) => void;

export async function scriptedServer(answers: readonly Answer[], retries = 3) {
  const seen: Seen[] = [];
  const host = await httpServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const entry = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body };
    seen.push(entry);
    answers[Math.min(seen.length, answers.length) - 1]?.(response, entry);
  });
  const baseUrl = `http://${host}`;
  return { seen, baseUrl, client: createClient({ baseUrl, apiKey: 'secret', retries }) };
}

export const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Answer =>
  (response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));

/** Ends the connection without an answer. */
export const hangUp: Answer = (response) => {
  response.destroy();
};
