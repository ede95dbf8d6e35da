/**
 * One HTTP exchange with the service: problem documents become AppErrors, and requests that may be repeated are repeated.
 *
 * Repeated are 429 and 503 (the server did nothing; Retry-After is honoured) and, for requests whose repetition has no further effect, broken
 * connections.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, type ErrorCode, errorCodes, type PlacedProblem } from '../errors.ts';

export interface TransportOptions {
  /** URL of the service, for example http://127.0.0.1:8080. */
  readonly baseUrl: string;
  /** Bearer token; absent for a server without keys. */
  readonly apiKey?: string | undefined;
  /** Repetitions after the first request; default 6, which take about a minute in all. */
  readonly retries?: number | undefined;
  /** Longest time until the headers of an answer arrive, in addition to the delay of a long poll; default 60,000. */
  readonly timeoutMs?: number | undefined;
  readonly fetch?: typeof globalThis.fetch | undefined;
}

export interface Exchange {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  /** Path below the base URL, with a leading slash. */
  readonly path: string;
  /** An array is sent as one parameter per value. */
  readonly query?: Readonly<Record<string, string | number | readonly string[] | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly form?: FormData;
  /** True for a POST whose repetition has no further effect. */
  readonly repeatable?: boolean;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface Transport {
  /** Resolves with an answer of status 2xx or 3xx. Throws the error that the service answered, SERVICE_UNREACHABLE, or the reason of the signal. */
  send(exchange: Exchange): Promise<Response>;
  /** The JSON body of such an answer. */
  json<T>(exchange: Exchange): Promise<T>;
  readonly retries: number;
  readonly baseUrl: string;
}

const firstPauseMs = 250;
const longestPauseMs = 30_000;

/**
 * Milliseconds before try number `attempt` (from 1): the server's Retry-After, else a time that doubles with each try and is reduced by a random part
 * of up to one half.
 */
export function pauseMs(attempt: number, retryAfter: string | null, random = Math.random()): number {
  const asked = retryAfter === null ? Number.NaN : Number(retryAfter) * 1000 || Date.parse(retryAfter) - Date.now();
  const backoff = firstPauseMs * 2 ** (attempt - 1) * (0.5 + random / 2);
  return Math.min(Math.max(Number.isFinite(asked) ? asked : 0, backoff), longestPauseMs);
}

const isErrorCode = (code: unknown): code is ErrorCode => typeof code === 'string' && Object.hasOwn(errorCodes, code);

/** The error of an answer; `details` hold the status and the problem document. */
async function errorOf(response: Response): Promise<AppError> {
  const text = await response.text().catch(() => '');
  let problem: unknown = null;
  try {
    problem = JSON.parse(text);
  } catch {
    // The body is not a problem document: a proxy between client and service answered.
  }
  const { code, detail, errors } = (typeof problem === 'object' && problem !== null ? problem : {}) as Record<
    string,
    unknown
  >;
  const message =
    typeof detail === 'string' ? detail : `the service answered ${response.status} ${response.statusText}`;
  return new AppError(isErrorCode(code) ? code : 'SERVICE_ANSWER', message, {
    problems: Array.isArray(errors) ? errors.flatMap(placeOf) : [],
    details: { status: response.status, problem },
    permanent: ![408, 429, 502, 503, 504].includes(response.status),
  });
}

/** An entry of a problem document's `errors` as a list of one; an empty list for an invalid entry. */
function placeOf(entry: unknown): PlacedProblem[] {
  const { pointer, message } = (typeof entry === 'object' && entry !== null ? entry : {}) as Record<string, unknown>;
  return typeof pointer === 'string' && typeof message === 'string' ? [{ pointer, message }] : [];
}

/** Adds repetition, authentication and errors to fetch. */
export function createTransport(options: TransportOptions): Transport {
  const { apiKey, retries = 6, timeoutMs = 60_000, fetch = globalThis.fetch } = options;
  const baseUrl = checkUrl(options.baseUrl);

  async function once({
    method = 'GET',
    path,
    query = {},
    headers = {},
    json,
    form,
    timeoutMs: extra = 0,
    signal,
  }: Exchange): Promise<Response> {
    const url = new URL(`${baseUrl}${path}`);
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) for (const one of [value].flat()) url.searchParams.append(name, String(one));
    // The time limit ends when the headers arrive, because a body is a stream of any length.
    const head = new AbortController();
    const timer = setTimeout(
      () => head.abort(new Error(`no answer within ${timeoutMs + extra} ms`)),
      timeoutMs + extra,
    );
    try {
      const body = json === undefined ? form : JSON.stringify(json);
      return await fetch(url, {
        method,
        headers: {
          accept: 'application/json',
          ...(apiKey ? { authorization: `Bearer ${apiKey}` } : {}),
          ...(json === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body }),
        signal: signal ? AbortSignal.any([signal, head.signal]) : head.signal,
      });
    } finally {
      clearTimeout(timer);
    }
  }

  async function send(exchange: Exchange): Promise<Response> {
    const repeatable = exchange.method !== 'POST' || exchange.repeatable === true;
    for (let attempt = 1; ; attempt += 1) {
      let retryAfter: string | null = null;
      let error: AppError;
      try {
        const response = await once(exchange);
        if (response.ok || response.status === 304) return response;
        error = await errorOf(response);
        retryAfter = response.headers.get('retry-after');
        if (![429, 503].includes(response.status)) throw error;
      } catch (thrown) {
        exchange.signal?.throwIfAborted();
        if (thrown instanceof AppError) throw thrown;
        error = unreachable(baseUrl, thrown);
        if (!repeatable) throw error;
      }
      if (attempt > retries) throw error;
      await sleep(pauseMs(attempt, retryAfter), undefined, exchange.signal ? { signal: exchange.signal } : {});
    }
  }

  async function json<T>(exchange: Exchange): Promise<T> {
    const text = await (await send(exchange)).text();
    try {
      return JSON.parse(text) as T;
    } catch (cause) {
      throw new AppError('SERVICE_ANSWER', `${exchange.path} was not answered with JSON: is ${baseUrl} the service?`, {
        cause,
      });
    }
  }

  return { send, json, retries, baseUrl };
}

function checkUrl(given: string): string {
  const url = URL.canParse(given) ? new URL(given) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw new AppError(
      'USAGE',
      `the address of the service is ${JSON.stringify(given)}: expected http://HOST:PORT or https://HOST`,
    );
  }
  return url.href.replace(/\/+$/, '');
}

function unreachable(baseUrl: string, cause: unknown): AppError {
  const reason =
    cause instanceof Error ? (cause.cause instanceof Error ? cause.cause.message : cause.message) : String(cause);
  const message = `no answer from ${baseUrl}: ${reason || 'the connection was refused'}. Is the service running (npm start)?`;
  return new AppError('SERVICE_UNREACHABLE', message, { cause, permanent: false });
}
