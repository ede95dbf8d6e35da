/** Answers with a published file. The file never changes, so that its digest is its entity tag. Ranges and conditional requests follow RFC 9110. */
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../errors.ts';

export interface ServedFile {
  readonly name: string;
  readonly bytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly mediaType: string;
  open(range?: { start: number; end: number }): Promise<Readable>;
}

/** True when the list of a conditional header contains the entity tag, or is `*`. */
const names = (header: string, etag: string) =>
  header.split(',').some((one) => one.trim() === '*' || one.trim().replace(/^W\//, '') === etag);

type Range = { readonly start: number; readonly end: number };

/**
 * The byte range of a request; null without a range, for several ranges and for other units: then the whole file is sent.
 *
 * @throws RANGE_INVALID for a range that does not lie in the file
 */
export function parseRange(header: string | undefined, bytes: number): Range | null {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '') ?? [];
  if (first === '' && last === '') return null;
  const outside = () => new AppError('RANGE_INVALID', `${header} does not lie in the ${bytes} bytes of the file`);
  if (first === '') {
    const count = Math.min(Number(last), bytes);
    if (count === 0) throw outside();
    return { start: bytes - count, end: bytes - 1 };
  }
  const start = Number(first);
  const end = last === '' ? bytes - 1 : Math.min(Number(last), bytes - 1);
  if (last !== '' && Number(last) < start) return null;
  if (start >= bytes) throw outside();
  return { start, end };
}

/** Sends the file, a part of it, or 304 where the client already has it. */
export async function sendFile(request: FastifyRequest, reply: FastifyReply, file: ServedFile): Promise<FastifyReply> {
  const etag = `"${file.sha256}"`;
  reply.headers({
    etag,
    'accept-ranges': 'bytes',
    'cache-control': 'private, max-age=31536000, immutable',
    'repr-digest': `sha-256=:${Buffer.from(file.sha256, 'hex').toString('base64')}:`,
    // A report contains names that clients chose: browsers show it, and run no script of it.
    'content-security-policy': "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:",
  });
  const { 'if-none-match': ifNoneMatch, 'if-range': ifRange, range: wanted } = request.headers;
  if (ifNoneMatch !== undefined && names(ifNoneMatch, etag)) return reply.code(304).send();
  const range = partOf(reply, file, ifRange === undefined || ifRange === etag ? wanted : undefined);
  if (range !== null) reply.code(206).header('content-range', `bytes ${range.start}-${range.end}/${file.bytes}`);
  reply.type(file.mediaType).header('content-length', range === null ? file.bytes : range.end - range.start + 1);
  // Without a body Fastify would answer HEAD with `content-length: 0`; with an empty stream it keeps the header above.
  if (request.method === 'HEAD') return reply.send(Readable.from([]));
  return reply.send(await file.open(range ?? undefined));
}

function partOf(reply: FastifyReply, { bytes }: ServedFile, header: string | undefined): Range | null {
  try {
    return parseRange(header, bytes);
  } catch (error) {
    reply.removeHeader('repr-digest').removeHeader('etag').removeHeader('cache-control');
    reply.header('content-range', `bytes */${bytes}`);
    throw error;
  }
}
