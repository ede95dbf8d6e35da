/** Unknown paths are 404; known paths with another method are 405 with Allow. */
import { AppError } from '../../errors.ts';
import type { App } from '../app-types.ts';

export function installNotFound(app: App): void {
  const routes: { method: string; pattern: RegExp }[] = [];
  app.addHook('onRoute', ({ method, url }) => {
    const pattern = new RegExp(
      `^${url
        .replaceAll('.', '\\.')
        .replace(/:[A-Za-z]+/g, '[^/]+')
        .replace(/\*$/, '.*')}/?$`,
    );
    for (const one of [method].flat()) routes.push({ method: one, pattern });
  });
  app.setNotFoundHandler(async (request, reply) => {
    const [path = '/'] = request.url.split('?', 1);
    const allowed = routes.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
    if (allowed.length === 0 || allowed.includes(request.method))
      throw new AppError('ROUTE_NOT_FOUND', `nothing is served under ${path.slice(0, 200)}; see /docs`);
    const allow = [...new Set(allowed)].sort().join(', ');
    reply.header('allow', allow);
    throw new AppError(
      'METHOD_NOT_ALLOWED',
      `${path.slice(0, 200)} does not take ${request.method}; it takes ${allow}`,
    );
  });
}
