/** Requests to the API of this server. */

/** A problem document (RFC 9457) as an error. */
export class Problem extends Error {
  /**
   * @param {number} status
   * @param {string} code
   * @param {string} detail
   * @param {readonly { pointer: string, message: string }[]} errors
   */
  constructor(status, code, detail, errors = []) {
    super(detail);
    this.status = status;
    this.code = code;
    this.errors = errors;
  }
}

/** @type {() => void} */
let whenSignedOut = () => {};

/** @param {() => void} callback called when the session is over, or there is none */
export function onSignedOut(callback) {
  whenSignedOut = callback;
}

/** @param {Response} response */
async function problemOf(response) {
  const body = await response.json().catch(() => null);
  if (typeof body?.code !== 'string')
    return new Problem(response.status, 'HTTP', `the server answered ${response.status}`);
  return new Problem(response.status, body.code, body.detail, body.errors);
}

/**
 * @param {string} path
 * @param {RequestInit} options
 * @returns {Promise<Response>}
 */
async function request(path, options) {
  const response = await fetch(path, { credentials: 'same-origin', ...options }).catch((error) => {
    if (options.signal?.aborted) throw error;
    throw new Problem(0, 'UNREACHABLE', 'the server does not answer; the page tries again');
  });
  if (response.ok) return response;
  const problem = await problemOf(response);
  if (problem.status === 401 && path !== '/v1/session') whenSignedOut();
  throw problem;
}

/**
 * @template T
 * @param {string} path
 * @param {AbortSignal} [signal]
 * @returns {Promise<T>}
 */
export async function getJson(path, signal) {
  const response = await request(path, { headers: { accept: 'application/json' }, ...(signal ? { signal } : {}) });
  return response.json();
}

/**
 * @template T
 * @param {string} path
 * @param {unknown} [body] sent as JSON
 * @returns {Promise<T>}
 */
export async function post(path, body) {
  const json =
    body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const response = await request(path, { method: 'POST', ...json });
  return response.json();
}

/**
 * @template T
 * @param {string} path
 * @param {FormData | URLSearchParams} form
 * @returns {Promise<T>}
 */
export async function postForm(path, form) {
  const response = await request(path, { method: 'POST', body: form });
  return response.json();
}

/** @param {string} path */
export async function remove(path) {
  await request(path, { method: 'DELETE' });
}

/**
 * A query of what is set.
 *
 * @param {Readonly<Record<string, string | number | null | undefined>>} values
 */
export function queryOf(values) {
  const set = Object.entries(values).filter(([, value]) => value !== undefined && value !== null && value !== '');
  return set.length === 0 ? '' : `?${new URLSearchParams(set.map(([key, value]) => [key, String(value)]))}`;
}
