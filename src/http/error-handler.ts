/** Every error of a request becomes one problem document (RFC 9457). Internal errors are logged completely and answered without details. */
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError, type ErrorCode, toAppError } from '../errors.ts';
import { type Problem, retryAfterOf, toProblem } from './problem.ts';

const problemType = 'application/problem+json; charset=utf-8';

/** Fastify's own errors and those of its plugins. */
const frameworkCodes: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'MEDIA_TYPE_UNSUPPORTED',
  FST_INVALID_MULTIPART_CONTENT_TYPE: 'MEDIA_TYPE_UNSUPPORTED',
  FST_ERR_CTP_BODY_TOO_LARGE: 'REQUEST_TOO_LARGE',
  FST_REQ_FILE_TOO_LARGE: 'UPLOAD_TOO_LARGE',
  FST_UNDER_PRESSURE: 'OVERLOADED',
};

const statusCodes: Readonly<Record<number, ErrorCode>> = {
  404: 'ROUTE_NOT_FOUND',
  408: 'REQUEST_TIMEOUT',
  413: 'REQUEST_TOO_LARGE',
  415: 'MEDIA_TYPE_UNSUPPORTED',
  429: 'RATE_LIMITED',
  503: 'OVERLOADED',
};

/** The status of an error of the framework says whether the client or the service caused it. */
function fromFramework(error: FastifyError): AppError {
  const status = error.statusCode ?? 500;
  const code = frameworkCodes[error.code] ?? statusCodes[status];
  if (code !== undefined) return new AppError(code, error.message, { cause: error, permanent: status < 429 });
  if (status >= 400 && status < 500) return new AppError('REQUEST_MALFORMED', error.message, { cause: error });
  return toAppError(error);
}

const isFrameworkError = (error: unknown): error is FastifyError =>
  error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number';

/** Converts any thrown value to an AppError. */
export const fromThrown = (thrown: unknown): AppError =>
  thrown instanceof AppError || !isFrameworkError(thrown) ? toAppError(thrown) : fromFramework(thrown);

/** The problem document of a request that failed. Internal errors are written to the log. */
export function problemOf(error: AppError, request: FastifyRequest): Problem {
  const [path = '/'] = request.url.split('?', 1);
  const problem = toProblem(error, { method: request.method, path, id: request.id });
  if (problem.status >= 500) request.log.error({ err: error.cause ?? error, code: error.code }, error.message);
  return problem;
}

/** Answers a request with the problem. */
export function sendProblem(error: AppError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = problemOf(error, request);
  request.problemCode = problem.code;
  const retryAfter = retryAfterOf(problem.status);
  if (retryAfter !== undefined && !reply.hasHeader('retry-after')) reply.header('retry-after', retryAfter);
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer realm="gradinit"');
  // The body may not have been read completely: the connection cannot be reused.
  if (problem.status === 413 || problem.status === 408) reply.header('connection', 'close');
  else closeSlowSender(request);
  return reply.code(problem.status).type(problemType).serializer(JSON.stringify).send(problem);
}

/** A refused request may still be sending its body: that is read and dropped for a moment, so that the client sees the answer, then the connection ends. */
const lingerMs = 2000;

function closeSlowSender({ raw }: FastifyRequest): void {
  if (raw.complete) return;
  const timer = setTimeout(() => {
    if (!raw.complete) raw.destroy();
  }, lingerMs);
  timer.unref();
}

/** True for a browser that opens a link, to a report for example; false for a program. */
const isNavigation = ({ method, headers }: FastifyRequest) =>
  method === 'GET' && /\btext\/html\b/i.test(headers.accept ?? '');

/**
 * Redirects to the page, which signs in and returns to the link. It also finds a session whose cookie the browser did not send because the link was on a page of
 * another site.
 */
const leadToSignIn = (request: FastifyRequest, reply: FastifyReply) =>
  reply.redirect(`/?next=${encodeURIComponent(request.url)}`, 303);

export function installErrorHandler(app: FastifyInstance): void {
  app.setErrorHandler((thrown, request, reply) => {
    const error = fromThrown(thrown);
    if (error.code === 'UNAUTHENTICATED' && isNavigation(request)) return leadToSignIn(request, reply);
    return sendProblem(error, request, reply);
  });
}

/** Answers bytes that are not HTTP. */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
  else writeProblem(socket, clientFailure(error.code), { method: 'POST', path: '/' });
}

/** Answers CONNECT, a request for a tunnel, which Node does not pass to the framework. */
export function answerConnect(request: IncomingMessage, socket: Duplex): void {
  const failure = new AppError('METHOD_NOT_ALLOWED', 'this is no proxy; it takes no CONNECT');
  writeProblem(socket, failure, { method: 'CONNECT', path: request.url ?? '/' }, ['allow: GET, HEAD, POST, DELETE']);
}

/** Answers an Expect header other than 100-continue, for which Node would send 417 without a body. */
export function answerExpectation(request: IncomingMessage, { socket }: ServerResponse): void {
  if (socket === null) return;
  const failure = new AppError('REQUEST_MALFORMED', 'the header Expect can be 100-continue alone');
  writeProblem(socket, failure, { method: request.method ?? 'GET', path: request.url ?? '/' });
}

/** Writes an answer to the socket where the framework has made neither request nor reply. */
function writeProblem(
  socket: Duplex,
  failure: AppError,
  asked: { method: string; path: string },
  headers: readonly string[] = [],
): void {
  const problem = toProblem(failure, { ...asked, id: '-' });
  const body = JSON.stringify(problem);
  socket.on('error', () => socket.destroy());
  socket.end(
    [
      `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
      `content-type: ${problemType}`,
      `content-length: ${Buffer.byteLength(body)}`,
      'connection: close',
      ...headers,
      '',
      body,
    ].join('\r\n'),
  );
}

function clientFailure(code: string | undefined): AppError {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new AppError('REQUEST_TIMEOUT', 'the request did not arrive in time', { permanent: false });
  if (code === 'HPE_HEADER_OVERFLOW')
    return new AppError('REQUEST_TOO_LARGE', 'the head of the request is larger than allowed');
  return new AppError('REQUEST_MALFORMED', 'what was sent is not HTTP/1.1');
}
