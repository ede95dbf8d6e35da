/** Reads topology JSON from untrusted sources: size and nesting are checked before anything recurses, and keys that could change prototypes are refused. */
import { AppError } from '../errors.ts';
import { isJsonObject, type Json } from '../json.ts';

export interface JsonLimits {
  readonly maxBytes: number;
  /** Deepest nesting of lists and objects. */
  readonly maxDepth: number;
}

/** By default: a topology of 20,000 layers takes about 30 MB. */
export const defaultJsonLimits: JsonLimits = { maxBytes: 64 * 2 ** 20, maxDepth: 1000 };

function refuseDepth(maxDepth: number): never {
  throw new AppError('MODEL_MALFORMED', `the topology is nested deeper than ${maxDepth} levels`, {
    details: { limit: maxDepth },
  });
}

const QUOTE = 34;
const BACKSLASH = 92;
const OPENING: ReadonlySet<number> = new Set(['[', '{'].map((bracket) => bracket.charCodeAt(0)));
const CLOSING: ReadonlySet<number> = new Set([']', '}'].map((bracket) => bracket.charCodeAt(0)));

/** Checks the depth of brackets outside of strings. */
function checkTextDepth(text: string, maxDepth: number): void {
  let depth = 0;
  let inText = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (inText) {
      if (code === BACKSLASH) i++;
      else if (code === QUOTE) inText = false;
    } else if (code === QUOTE) inText = true;
    else if (OPENING.has(code) && ++depth > maxDepth) refuseDepth(maxDepth);
    else if (CLOSING.has(code)) depth--;
  }
}

function refuseKey(key: string): never {
  throw new AppError(
    'MODEL_MALFORMED',
    `the topology has the key "${key}", which is refused: it names no part of a model`,
  );
}

/** Checks a parsed value iteratively, without recursion. Throws MODEL_MALFORMED. */
export function checkJson(value: unknown, maxDepth: number = defaultJsonLimits.maxDepth): asserts value is Json {
  const stack: { value: unknown; depth: number }[] = [{ value, depth: 1 }];
  for (let entry = stack.pop(); entry; entry = stack.pop()) {
    if (typeof entry.value !== 'object' || entry.value === null) continue;
    if (entry.depth > maxDepth) refuseDepth(maxDepth);
    if (Object.hasOwn(entry.value, '__proto__')) refuseKey('__proto__');
    if (isJsonObject(entry.value) && Object.hasOwn(entry.value, 'constructor')) refuseKey('constructor');
    for (const child of Object.values(entry.value)) stack.push({ value: child, depth: entry.depth + 1 });
  }
}

/** Parses topology JSON. A JSON string that contains JSON (`JSON.stringify(model.toJSON())`) is unwrapped. Throws MODEL_MALFORMED or MODEL_TOO_LARGE. */
export function parseJson(text: string, limits: Partial<JsonLimits> = {}): Json {
  const { maxBytes, maxDepth } = { ...defaultJsonLimits, ...limits };
  const bytes = Buffer.byteLength(text);
  if (bytes > maxBytes) {
    throw new AppError('MODEL_TOO_LARGE', `the topology has ${bytes} bytes, at most ${maxBytes} are read`, {
      details: { bytes, limit: maxBytes },
    });
  }
  checkTextDepth(text, maxDepth);
  const value = parseText(text);
  // model.toJSON() returns a string, which clients often stringify once more.
  const inner = typeof value === 'string' ? parseText(value) : value;
  checkJson(inner, maxDepth);
  return inner;
}

function parseText(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AppError('MODEL_MALFORMED', `the topology is not JSON: ${reason}`, { cause });
  }
}
