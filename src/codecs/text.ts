/** Decodes the text of a file as a stream of chunks: UTF-8, or UTF-16 with a byte order mark. Invalid bytes are refused, never replaced. */
import { type ByteSource, malformed, type Origin } from './byte-source.ts';

const chunkBytes = 2 ** 18;

type Decoder = InstanceType<typeof TextDecoder>;

/** The encoding of a byte order mark; UTF-8 without one. */
export function encodingOf(head: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  return 'utf-8';
}

/** Decoded chunks without the byte order mark. Throws the origin's code at the first invalid byte, with its line. */
export async function* readText(source: ByteSource, origin: Origin): AsyncGenerator<string> {
  let decoder: Decoder | null = null;
  let lines = 1;
  const chunk = new Uint8Array(chunkBytes);
  for (let length = await source.pull(chunk); length > 0; length = await source.pull(chunk)) {
    const bytes = chunk.subarray(0, length);
    decoder ??= new TextDecoder(encodingOf(bytes), { fatal: true });
    const text = decodeOrRefuse(decoder, bytes, lines, origin);
    lines += countLines(text);
    yield text;
  }
  if (decoder !== null) yield decodeOrRefuse(decoder, null, lines, origin);
}

function decodeOrRefuse(decoder: Decoder, bytes: Uint8Array | null, lines: number, origin: Origin): string {
  try {
    return bytes === null ? decoder.decode() : decoder.decode(bytes, { stream: true });
  } catch (cause) {
    const row = lines + countLines(validStart(bytes ?? new Uint8Array(0), decoder.encoding));
    return malformed(
      origin,
      `is not ${decoder.encoding.toUpperCase()}: row ${row} holds bytes that are no text; save the file as UTF-8`,
      cause,
    );
  }
}

/** The decoded text before the first invalid byte. */
function validStart(bytes: Uint8Array, encoding: string): string {
  const lenient = new TextDecoder(encoding).decode(bytes);
  const at = lenient.indexOf('\ufffd');
  return at < 0 ? lenient : lenient.slice(0, at);
}

function countLines(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

/** True for non-empty content without control characters other than white space, or with a byte order mark of UTF-16. */
export function isText(head: Uint8Array): boolean {
  if (head.length === 0) return false;
  if (encodingOf(head) !== 'utf-8') return true;
  return head.every((byte) => byte >= 0x20 || (byte >= 9 && byte <= 13));
}

/** The beginning of a file as text, cut after the last complete character. */
export const headText = (head: Uint8Array): string =>
  new TextDecoder(encodingOf(head)).decode(head).replace(/\ufffd+$/, '');
