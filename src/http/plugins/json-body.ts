/** JSON bodies: small ones are parsed here, large ones by the inspector, so that no body delays other requests. Other encodings are refused. */
import type { FastifyRequest } from 'fastify';
import { AppError } from '../../errors.ts';
import { readBody } from '../../jobs/inspect/read-body.ts';
import type { App } from '../app-types.ts';
import type { Services } from '../services.ts';

/** A body up to this size is parsed in a few milliseconds, whatever is in it. */
const smallBytes = 64 * 2 ** 10;

const acceptedCharsets = ['utf-8', 'utf8', 'us-ascii'];

/** @throws MEDIA_TYPE_UNSUPPORTED for compressed bodies and for texts in another encoding than UTF-8 */
function checkEncoding(headers: Readonly<Record<string, string | string[] | undefined>>): void {
  const encoding = String(headers['content-encoding'] ?? 'identity')
    .trim()
    .toLowerCase();
  if (encoding !== 'identity' && encoding !== '')
    throw new AppError(
      'MEDIA_TYPE_UNSUPPORTED',
      `Content-Encoding ${encoding.slice(0, 50)} is not taken; send the body as it is`,
    );
  const [, charset] = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(String(headers['content-type'] ?? '')) ?? [];
  if (charset !== undefined && !acceptedCharsets.includes(charset.toLowerCase()))
    throw new AppError('MEDIA_TYPE_UNSUPPORTED', `the charset ${charset.slice(0, 50)} is not taken; send UTF-8`);
}

export function installJsonBody(app: App, services: Pick<Services, 'readBody'>): void {
  app.addHook('preParsing', async (request) => checkEncoding(request.headers));
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (request: FastifyRequest, body: Buffer) =>
    body.length <= smallBytes ? readBody(body) : services.readBody(body, request.caller.name),
  );
}
