/** A published file as an answer: it never changes, so its digest is its validator; ranges and conditions as RFC 9110 has them. */
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

/** True when the list of a conditional header names the tag. `*` names every one. */
const names = (header: string, etag: string) =>
  header.split(',').some((one) => one.trim() === '*' || one.trim().replace(/^W\//, '') === etag);

type Range = { readonly start: number; readonly end: number };

/**
 * The one range that is asked for; null for none, for several and for what is no byte range: then the whole is sent.
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

/** Sends the file, a part of it, or word that the client has it already. */
export async function sendFile(request: FastifyRequest, reply: FastifyReply, file: ServedFile): Promise<FastifyReply> {
  const etag = `"${file.sha256}"`;
  reply.headers({
    etag,
    'accept-ranges': 'bytes',
    'cache-control': 'private, max-age=31536000, immutable',
    'repr-digest': `sha-256=:${Buffer.from(file.sha256, 'hex').toString('base64')}:`,
    // A report is shown, never run: it holds names that a client chose.
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
