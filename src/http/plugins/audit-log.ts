/**
 * One line for each request that changes something or tried to: who (the name of the key), what (the operation), of what, and how it ended. Lines carry
 * `audit: true` and are written at level info whatever LOG_LEVEL says, but for silent.
 */
import type { FastifyRequest } from 'fastify';
import type { App } from '../app-types.ts';

/** They read, although they are POSTs: their body is the question. */
const questions: ReadonlySet<string> = new Set(['validateJob', 'inspectDataset']);

export function installAuditLog(app: App): void {
  const level = app.log.level === 'silent' ? 'silent' : 'info';
  const audit = app.log.child({ audit: true }, { level });

  app.addHook('onResponse', async (request, reply) => {
    const action = request.routeOptions.schema?.operationId;
    if (action === undefined || request.method === 'GET' || request.method === 'HEAD' || questions.has(action)) return;
    const outcome = reply.statusCode < 400 ? 'done' : 'refused';
    const made = reply.getHeader('location');
    audit.info(
      {
        key: request.caller?.name || null,
        action,
        target: targetOf(request) ?? (typeof made === 'string' ? made.split('/').at(-1) : null),
        outcome,
        status: reply.statusCode,
        code: request.problemCode ?? null,
        requestId: request.id,
      },
      'audit',
    );
  });
}

/** The id that the address names, with that of the part where it has one: job_.../del_... */
function targetOf({ params }: FastifyRequest): string | null {
  if (typeof params !== 'object' || params === null) return null;
  const ids = Object.values(params).filter((value): value is string => typeof value === 'string');
  return ids.length === 0 ? null : ids.join('/');
}
