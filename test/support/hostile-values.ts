/** Values that clients send by mistake or on purpose, for any place of a request. */

/** A placeholder for JSON text that JSON.stringify cannot write; `toJsonText` replaces it. */
const raw = (text: string) => `@@raw:${text}@@`;

const nested = (levels: number): unknown => {
  let value: unknown = 1;
  for (let level = 0; level < levels; level += 1) value = level % 2 === 0 ? [value] : { a: value };
  return value;
};

/** The JSON text of a body, with numbers and keys that only exist as text. */
export const toJsonText = (body: unknown): string =>
  (JSON.stringify(body) ?? '').replace(/"@@raw:(.*?)@@"/g, (_, text: string) => text);

export const hostileTexts: readonly string[] = [
  '',
  ' ',
  'NaN',
  'Infinity',
  '-1',
  '1e9',
  '0x10',
  'null',
  'true',
  '__proto__',
  'constructor',
  'toString',
  'x'.repeat(5000),
  '\u0000',
  'a\u0000b',
  '\u001b[31mred\u0007',
  '\r\nx-injected: 1',
  '\u{1F9EE}\u{1D54F}\u0301\u202E\uFEFF',
  '\uD800',
  '../../../etc/passwd',
  '..\\..\\windows',
  '%00%2e%2e%2f',
  "' OR 1=1; --",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a text that other programs would fill in
  '${jndi:ldap://127.0.0.1/x}',
  '<script>alert(1)</script>',
];

export const hostileValues: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e9,
  2 ** 31,
  2 ** 53,
  1e15,
  -1e308,
  raw('1e400'),
  raw('-0'),
  raw('123456789012345678901234567890'),
  [],
  [null],
  [[[]]],
  ['x', 'x'],
  Array.from({ length: 1000 }, (_, at) => at),
  {},
  { a: 1 },
  { '': '' },
  Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`k${at}`, at])),
  nested(60),
  nested(900),
  nested(3000),
  ...hostileTexts,
];

/** Values of path and query parameters, some percent-encoded and some invalid. */
export const hostileParts: readonly string[] = [
  ...hostileTexts.filter((text) => text !== '' && text !== '\uD800').map(encodeURIComponent),
  '%zz',
  '%c0%af',
  '%ff',
  '%',
  '1,2',
  '1e1',
  '999999999999999999999999',
  '-0',
  '+1',
  '1.0000000000000000000001',
];
