/** JSON bodies: parsed without prototype keys, nesting counted before anything recurses. */
import { AppError } from '../../errors.ts';
import type { App } from '../app-types.ts';

/** Topologies nest up to 1000 levels; the request around them adds a few. */
const maxDepth = 1010;

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

export function installJsonBody(app: App): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    const text = String(body);
    // POST without a body, as some clients send it to cancel a job.
    if (text.trim() === '') return done(null, undefined);
    if (isTooDeep(text))
      return done(new AppError('REQUEST_MALFORMED', `the JSON is nested deeper than ${maxDepth} levels`));
    return parse(request, text, (error, value) => {
      if (error) return done(malformed(error));
      return done(null, value);
    });
  });
}

function malformed(cause: Error): AppError {
  const inner = cause.cause instanceof Error ? cause.cause.message : cause.message;
  return new AppError('REQUEST_MALFORMED', `the body is not acceptable JSON: ${inner}`, { cause });
}
