/** Logs one line for each request, without headers, so that no key is logged. */
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
