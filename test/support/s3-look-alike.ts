/**
 * An in-memory server with the part of S3 that the stores use, which can imitate strict and incorrect servers. A list of objects to delete is refused
 * without Content-MD5.
 *
 *   condition: 'ignored'         a PUT with If-None-Match: * overwrites the object
 *   condition: 'unimplemented'   such a PUT is answered with 501
 *   removes: false               a removal is answered with success but not done
 */
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { S3Options } from '../../src/storage/index.ts';
import { httpServer } from './http-server.ts';

export interface LookAlikeOptions {
  readonly condition?: 'kept' | 'ignored' | 'unimplemented';
  readonly removes?: boolean;
}

export interface LookAlike {
  readonly options: S3Options;
  /** Method and object of every request so far. */
  readonly requests: string[];
  readonly objects: Map<string, { bytes: Buffer; modifiedAt: Date }>;
}

export async function s3LookAlike({ condition = 'kept', removes = true }: LookAlikeOptions = {}): Promise<LookAlike> {
  process.env.AWS_ACCESS_KEY_ID ??= 'test';
  process.env.AWS_SECRET_ACCESS_KEY ??= 'test';
  const objects: LookAlike['objects'] = new Map();
  const requests: string[] = [];
  const host = await httpServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://s3');
    const key = decodeURIComponent(url.pathname.split('/').slice(2).join('/'));
    requests.push(`${request.method} ${key}`);
    const answer = (status: number, body: string | Buffer = '', headers: Record<string, string> = {}) =>
      response.writeHead(status, headers).end(request.method === 'HEAD' ? '' : body);
    const fail = (status: number, code: string) =>
      answer(status, `<Error><Code>${code}</Code><Message>x</Message></Error>`, { 'content-type': 'application/xml' });
    const body = await bytesOf(request);
    const found = objects.get(key);
    if (request.method === 'POST' && url.searchParams.has('delete') && !request.headers['content-md5'])
      return fail(400, 'InvalidRequest');
    if (request.method === 'PUT') {
      const isConditional = request.headers['if-none-match'] === '*';
      if (isConditional && condition === 'unimplemented') return fail(501, 'NotImplemented');
      if (isConditional && condition === 'kept' && found) return fail(412, 'PreconditionFailed');
      objects.set(key, { bytes: body, modifiedAt: new Date() });
      return answer(200, '', { etag: '"x"' });
    }
    if (request.method === 'DELETE') {
      if (removes) objects.delete(key);
      return answer(204);
    }
    if (request.method === 'GET' && key === '')
      return answer(200, listing(objects, url.searchParams.get('prefix') ?? ''));
    if (!found) return fail(404, 'NoSuchKey');
    const etag = `"${createHash('md5').update(found.bytes).digest('hex')}"`;
    if (request.headers['if-none-match'] === etag) return answer(304, '', { etag });
    const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    if (start !== undefined) return answer(206, found.bytes.subarray(Number(start), Number(end) + 1));
    return answer(200, found.bytes, { 'content-length': String(found.bytes.byteLength), etag });
  });
  const options = { bucket: 'bucket', prefix: 'p/', endpoint: `http://${host}`, forcePathStyle: true };
  return { options, requests, objects };
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function listing(objects: LookAlike['objects'], prefix: string): string {
  const rows = [...objects]
    .filter(([key]) => key.startsWith(prefix))
    .map(
      ([key, { bytes, modifiedAt }]) =>
        `<Contents><Key>${key}</Key><Size>${bytes.byteLength}</Size><LastModified>${modifiedAt.toISOString()}</LastModified></Contents>`,
    );
  return `<ListBucketResult><IsTruncated>false</IsTruncated>${rows.join('')}</ListBucketResult>`;
}
