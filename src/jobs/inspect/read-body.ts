/** JSON bodies: decoded strictly, nesting counted before anything recurses, no prototype keys, topologies as texts, and little beside them. */
import { parse } from 'secure-json-parse';
import { sealTopologies, withoutTopologies } from '../../contract/seal-topologies.ts';
import { AppError } from '../../errors.ts';

/** Topologies nest up to 1000 levels; the request around them adds a few. */
const maxDepth = 1010;

/** What a request may hold beside its topologies: every list and text of a large comparison, many times over. */
const maxBytesBeside = 256 * 2 ** 10;

/**
 * The value of a body; undefined for an empty one.
 *
 * @throws REQUEST_MALFORMED, REQUEST_TOO_LARGE
 */
export function readBody(bytes: Uint8Array): unknown {
  const text = decode(bytes);
  // POST without a body, as some clients send it to cancel a job.
  if (text.trim() === '') return undefined;
  if (isTooDeep(text)) throw new AppError('REQUEST_MALFORMED', `the JSON is nested deeper than ${maxDepth} levels`);
  const sealed = sealTopologies(parseText(text));
  if (text.length > maxBytesBeside) refuseLargeRest(sealed);
  return sealed;
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new AppError('REQUEST_MALFORMED', 'the body is not UTF-8', { cause });
  }
}

function parseText(text: string): unknown {
  try {
    return parse(text, { protoAction: 'error', constructorAction: 'error' });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AppError('REQUEST_MALFORMED', `the body is not acceptable JSON: ${reason}`, { cause });
  }
}

function refuseLargeRest(sealed: unknown): void {
  const bytes = Buffer.byteLength(JSON.stringify(withoutTopologies(sealed)));
  if (bytes <= maxBytesBeside) return;
  const message = `the request has ${bytes} bytes beside its topologies, ${maxBytesBeside} are taken`;
  throw new AppError('REQUEST_TOO_LARGE', message);
}

/** Counts brackets outside of texts. */
function isTooDeep(text: string): boolean {
  if (text.length < maxDepth) return false;
  let depth = 0;
  let isInText = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (isInText) {
      if (character === '\\') at += 1;
      else if (character === '"') isInText = false;
    } else if (character === '"') isInText = true;
    else if (character === '[' || character === '{') {
      depth += 1;
      if (depth > maxDepth) return true;
    } else if (character === ']' || character === '}') depth -= 1;
  }
  return false;
}
