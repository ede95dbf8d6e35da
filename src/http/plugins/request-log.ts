/** One line for each request, without its headers: what a client sends as its key is nowhere written. */
import type { App } from '../app-types.ts';

export function installRequestLog(app: App): void {
  app.addHook('onResponse', async (request, reply) => {
    const { method, url, caller } = request;
    const details = {
      method,
      url,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
      key: caller?.name || undefined,
    };
    if (reply.statusCode >= 500) request.log.warn(details, 'request');
    else request.log.info(details, 'request');
  });
}
