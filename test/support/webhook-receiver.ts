/** A server that receives webhooks and answers as the test defines. */
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { httpServer } from './http-server.ts';

export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly path: string;
  readonly body: string;
}

export interface Receiver {
  /** Address as HOST:PORT. */
  readonly host: string;
  readonly url: string;
  readonly received: Received[];
  /** Answers all following requests; default 204. */
  answer: (response: ServerResponse, count: number) => void;
}

export async function webhookReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  const host = await httpServer(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    received.push({ headers: request.headers, path: request.url ?? '', body });
    receiver.answer(response, received.length);
  });
  const receiver: Receiver = {
    host,
    url: `http://${host}/hook`,
    received,
    answer: (response) => void response.writeHead(204).end(),
  };
  return receiver;
}

export const status =
  (code: number, headers: Record<string, string> = {}) =>
  (response: ServerResponse) =>
    void response.writeHead(code, headers).end();
