/** A server that takes webhooks and answers as the test says. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { after } from 'node:test';

export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly path: string;
  readonly body: string;
}

export interface Receiver {
  /** HOST:PORT */
  readonly host: string;
  readonly url: string;
  readonly received: Received[];
  /** Answers from now on; default 204. */
  answer: (response: ServerResponse, count: number) => void;
}

export async function webhookReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    received.push({ headers: request.headers, path: request.url ?? '', body });
    receiver.answer(response, received.length);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const host = `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
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
