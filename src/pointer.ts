/** JSON pointers (RFC 6901): places inside a JSON value. */

const longestName = 100;

const escapeName = (name: string) => name.slice(0, longestName).replaceAll('~', '~0').replaceAll('/', '~1');

/** Joins names to a pointer. A name of more than 100 characters is cut, because pointers are read by people. */
export const pointerTo = (...path: readonly (string | number)[]): string =>
  path.map((name) => `/${escapeName(String(name))}`).join('');

/** The names of which a pointer consists. */
export const namesIn = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));

/** The value at a pointer; undefined when there is none. */
export const valueAt = (value: unknown, pointer: string): unknown =>
  namesIn(pointer).reduce<unknown>(
    (node, name) =>
      typeof node === 'object' && node !== null && Object.hasOwn(node, name) ? Reflect.get(node, name) : undefined,
    value,
  );
