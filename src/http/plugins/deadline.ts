/** The time limit of JSON bodies. Uploads have the longer request timeout of the server. */
import { AppError } from '../../errors.ts';
import type { App } from '../app-types.ts';
import { sendProblem } from '../error-handler.ts';

export interface DeadlineOptions {
  readonly requestTimeoutMs: number;
}

export function installDeadline(app: App, { requestTimeoutMs }: DeadlineOptions): void {
  const timers = new WeakMap<object, NodeJS.Timeout>();
  const stop = (request: object) => clearTimeout(timers.get(request));

  app.addHook('preParsing', async (request, reply) => {
    if (request.headers['content-type']?.startsWith('multipart/')) return;
    const timer = setTimeout(() => {
      if (reply.sent) return;
      const error = new AppError('REQUEST_TIMEOUT', 'the body did not arrive in time', { permanent: false });
      reply.raw.once('finish', () => request.raw.destroy());
      sendProblem(error, request, reply);
    }, requestTimeoutMs);
    timers.set(request, timer.unref());
  });
  app.addHook('preValidation', async (request) => stop(request));
  app.addHook('onResponse', async (request) => stop(request));
}
