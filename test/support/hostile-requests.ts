/**
 * Invalid requests generated from the OpenAPI document: every parameter and every place of every body with every hostile value, and whole requests
 * with wrong methods, media types and encodings. The same document gives the same requests in the same order.
 */
import { gzipSync } from 'node:zlib';
import { createRandom } from '../../src/random.ts';
import { hostileParts, hostileTexts, hostileValues, toJsonText } from './hostile-values.ts';

export interface HostileRequest {
  readonly title: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer | null;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
}

type Schema = Readonly<Record<string, unknown>>;

export interface ApiDocument {
  readonly paths: Readonly<
    Record<
      string,
      Readonly<
        Record<
          string,
          {
            readonly parameters?: readonly Parameter[];
            readonly requestBody?: { readonly content?: Readonly<Record<string, { readonly schema?: Schema }>> };
          }
        >
      >
    >
  >;
  readonly components?: unknown;
}

/** Valid bodies by operation ("POST /v1/jobs"), in which one place at a time is changed. */
export type ValidBodies = Readonly<Record<string, object>>;

const json = { 'content-type': 'application/json' };
/** A well-formed id without a job. */
const nobody = 'job_00000000000000000000000000';
/** Depth of places that are changed; deeper ones are reached through the values of their parents. */
const maxDepth = 5;

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function resolve(document: ApiDocument, schema: unknown): Schema {
  if (!isSchema(schema)) return {};
  const reference = schema.$ref;
  if (typeof reference !== 'string') return schema;
  const keys = reference.split('/').slice(1);
  return resolve(
    document,
    keys.reduce<unknown>((node, key) => (isSchema(node) ? node[key] : undefined), document),
  );
}

/** Every place that the schema describes, as keys from the root. */
function* placesOf(document: ApiDocument, given: unknown, at: readonly string[] = []): Generator<readonly string[]> {
  const schema = resolve(document, given);
  if (at.length > 0) yield at;
  if (at.length >= maxDepth) return;
  for (const alternative of [schema.anyOf, schema.oneOf, schema.allOf].flatMap((list) =>
    Array.isArray(list) ? list : [],
  ))
    for (const place of placesOf(document, alternative, at)) if (place.length > at.length) yield place;
  if (isSchema(schema.properties))
    for (const [name, property] of Object.entries(schema.properties))
      yield* placesOf(document, property, [...at, name]);
  if (isSchema(schema.items)) yield* placesOf(document, schema.items, [...at, '0']);
}

/** A copy with one place changed; missing objects and lists on the path are created. `undefined` removes the place. */
function changed(body: unknown, [key = '', ...rest]: readonly string[], value: unknown): unknown {
  const next = (old: unknown) => (rest.length === 0 ? value : changed(old, rest, value));
  if (key === '0' && (Array.isArray(body) || body === undefined)) {
    const [first, ...others] = Array.isArray(body) ? body : [];
    return [next(first), ...others];
  }
  const old = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  return { ...old, [key]: next(old[key]) };
}

/** The path with valid ids, or with `part` as one of its parameters. */
const fill = (path: string, name = '', part = '') =>
  path.replace(/\{(\w+)\}/g, (_, place: string) => (place === name ? part : place === 'id' ? nobody : 'x'));

function* parameterRequests(path: string, method: string, parameters: readonly Parameter[]): Generator<HostileRequest> {
  const headers = method === 'POST' ? json : {};
  const body = method === 'POST' ? '{}' : null;
  for (const { name, in: place } of parameters) {
    const titled = (value: string) => `${method} ${path}, ${place} ${name} = ${value.slice(0, 40)}`;
    if (place === 'path')
      for (const part of hostileParts)
        yield { title: titled(part), method, path: fill(path, name, part), headers, body };
    if (place === 'query') {
      for (const part of hostileParts)
        yield { title: titled(part), method, path: `${fill(path)}?${name}=${part}`, headers, body };
      for (const query of [
        `${name}`,
        `${name}=`,
        `${name}=1&${name}=2`,
        `${name}[]=1`,
        `${name}[a]=1`,
        `${name.toUpperCase()}=1`,
      ])
        yield { title: titled(query), method, path: `${fill(path)}?${query}`, headers, body };
    }
    if (place === 'header')
      for (const text of hostileTexts.filter((one) => /^[\t\x20-\x7e\x80-\xff]*$/.test(one)))
        yield { title: titled(text), method, path: fill(path), headers: { ...headers, [name]: text }, body };
  }
  for (const query of [
    'unknown=1',
    '&&&',
    '=',
    '__proto__=1',
    '__proto__[x]=1',
    `${'a=1&'.repeat(300)}`,
    '?'.repeat(50),
  ])
    yield { title: `${method} ${path}?${query.slice(0, 40)}`, method, path: `${fill(path)}?${query}`, headers, body };
}

function* bodyRequests(
  document: ApiDocument,
  { path, method, schema, valid }: { path: string; method: string; schema: unknown; valid: object },
): Generator<HostileRequest> {
  const request = (title: string, body: string | Buffer, headers: Readonly<Record<string, string>> = json) => ({
    title: `${method} ${path}, ${title}`,
    method,
    path,
    headers,
    body,
  });
  const places = new Map([...placesOf(document, schema)].map((place) => [place.join('/'), place]));
  for (const [pointer, place] of places) {
    yield request(`/${pointer} missing`, toJsonText(changed(valid, place, undefined)));
    for (const value of hostileValues)
      yield request(`/${pointer} = ${toJsonText(value).slice(0, 40)}`, toJsonText(changed(valid, place, value)));
  }
  for (const value of hostileValues) yield request(`the body ${toJsonText(value).slice(0, 40)}`, toJsonText(value));
  for (const name of hostileTexts.filter((text) => text !== '__proto__'))
    yield request(`a field ${JSON.stringify(name).slice(0, 40)}`, toJsonText({ ...valid, [name]: 1 }));
  yield* wholeRequests(request, toJsonText(valid));
}

/** Requests whose whole body or media type is wrong. */
function* wholeRequests(
  request: (title: string, body: string | Buffer, headers?: Readonly<Record<string, string>>) => HostileRequest,
  valid: string,
): Generator<HostileRequest> {
  const texts: readonly (string | Buffer)[] = [
    '',
    ' \n ',
    '{',
    `${valid}x`,
    valid.slice(0, -1),
    `\uFEFF${valid}`,
    `// no comment\n${valid}`,
    valid.replaceAll('"', "'"),
    'NaN',
    '{"a":1,}',
    '{"__proto__":{"x":1}}',
    '{"constructor":{"prototype":{"x":1}}}',
    '{"seed":1,"seed":2}',
    `"${'\\u0000'.repeat(200)}"`,
    `${'['.repeat(50_000)}${']'.repeat(50_000)}`,
    Buffer.from([0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]),
    Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x3a, 0x31, 0x7d]),
    Buffer.alloc(100_000),
  ];
  for (const text of texts) yield request(`the text ${String(text).slice(0, 30)}`, text);
  const types = [
    '',
    'text/plain',
    'application/xml',
    'application/json; charset=utf-16',
    'application/json; charset=',
    'application/json; charset=utf-8; charset=utf-16',
    'application/json, text/html',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'multipart/form-data; boundary=x',
    `multipart/form-data; boundary=${'x'.repeat(5000)}`,
    'application/octet-stream',
    `application/${'x'.repeat(5000)}`,
    '/',
    ';;;',
    'application/json;;;',
  ];
  for (const type of types) yield request(`as ${type.slice(0, 50)}`, valid, { 'content-type': type });
  for (const encoding of ['gzip', 'br', 'deflate', 'identity, gzip', 'zzz', 'x'.repeat(3000)])
    yield request(`encoded ${encoding.slice(0, 20)}`, gzipSync(valid), { ...json, 'content-encoding': encoding });
  for (const [name, value] of [
    ['expect', '200-maybe'],
    ['accept', 'image/png'],
    ['accept', '*/*;q=x'],
    ['accept-encoding', 'x'.repeat(2000)],
    ['authorization', 'Bearer'],
    ['authorization', `Bearer ${'x'.repeat(5000)}`],
    ['authorization', 'Basic ////'],
    ['host', 'evil.example.com'],
    ['origin', 'null'],
    ['range', 'bytes=-1'],
    ['if-none-match', '"'.repeat(100)],
    ['x-forwarded-for', '::1, garbage'],
    ['x-request-id', '\u00ff'.repeat(300)],
  ] as const)
    yield request(`with ${name}: ${value.slice(0, 30)}`, valid, { ...json, [name]: value });
}

const otherMethods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'REPORT'];

/** Invalid bodies of uploads. */
function* uploadRequests(path: string): Generator<HostileRequest> {
  const file = (name: string, content = 'a,b\n1,2\n') =>
    `--b\r\ncontent-disposition: form-data; name="file"; filename="${name}"\r\n\r\n${content}\r\n`;
  const end = '--b--\r\n';
  const bodies: Readonly<Record<string, string>> = {
    nothing: '',
    'an end alone': end,
    'a cut part': file('a.csv').slice(0, -10),
    'another boundary': file('a.csv').replace('--b', '--c') + end,
    'a part without a name': `--b\r\n\r\nx\r\n${end}`,
    'a field alone': `--b\r\ncontent-disposition: form-data; name="kind"\r\n\r\ndataset\r\n${end}`,
    'endless heads': `--b\r\n${'x-a: 1\r\n'.repeat(3000)}\r\nx\r\n${end}`,
    'a long head': `--b\r\ncontent-disposition: form-data; name="file"; filename="${'x'.repeat(90_000)}"\r\n\r\nx\r\n${end}`,
    'two files of one name': file('a.csv') + file('a.csv') + end,
    'many files': Array.from({ length: 70 }, (_, at) => file(`${at}.csv`)).join('') + end,
    'an empty file': file('a.csv', '') + end,
    zeros: file('a.npy', '\u0000'.repeat(4096)) + end,
    'a lying archive': file('a.zip', 'PK\u0003\u0004'.padEnd(300, '\u0001')) + end,
    'a lying array': file('a.npy', '\u0093NUMPY\u0001\u0000\u00ff\u00ff{') + end,
    'deep JSON': file('a.json', '['.repeat(100_000)) + end,
  };
  const headers = { 'content-type': 'multipart/form-data; boundary=b' };
  for (const [title, body] of Object.entries(bodies))
    yield { title: `POST ${path}, ${title}`, method: 'POST', path, headers, body: Buffer.from(body, 'latin1') };
  for (const name of [...hostileTexts, '.', '..', '/etc/passwd', 'a/b.csv', 'con', '.hidden', 'a.csv/', ' a.csv '])
    yield {
      title: `POST ${path}, the file name ${JSON.stringify(name).slice(0, 40)}`,
      method: 'POST',
      path,
      headers,
      body: file(name.replaceAll('"', '%22')) + end,
    };
}

/** All requests, by operation. */
export function* hostileRequests(document: ApiDocument, validBodies: ValidBodies): Generator<HostileRequest> {
  for (const [path, item] of Object.entries(document.paths)) {
    for (const [verb, { parameters = [], requestBody }] of Object.entries(item)) {
      const method = verb.toUpperCase();
      yield* parameterRequests(path, method, parameters);
      const content = requestBody?.content ?? {};
      const schema = content['application/json']?.schema;
      const valid = validBodies[`${method} ${path}`];
      if (schema !== undefined && valid !== undefined) yield* bodyRequests(document, { path, method, schema, valid });
      if (content['multipart/form-data'] !== undefined) yield* uploadRequests(path);
    }
    for (const method of otherMethods.filter((other) => !Object.hasOwn(item, other.toLowerCase())))
      yield { title: `${method} ${path}`, method, path: fill(path), headers: {}, body: null };
  }
}

/** About `count` of the requests, selected by a seed. */
export function someOf(requests: readonly HostileRequest[], count: number, seed: number): HostileRequest[] {
  const random = createRandom(seed, 'hostile requests');
  return requests.filter(() => random.uniform() < count / requests.length);
}
