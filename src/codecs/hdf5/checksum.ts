/**
 * The checksum of HDF5's newer structures: Bob Jenkins' hash lookup3 (`hashlittle`, public domain) with the initial value 0.
 *
 * https://burtleburtle.net/bob/c/lookup3.c
 */

const rotate = (value: number, bits: number) => (value << bits) | (value >>> (32 - bits));

/** The state of the hash: three 32-bit words. */
type State = [a: number, b: number, c: number];

function mix([a, b, c]: State): State {
  for (const [first, second, third] of [
    [4, 6, 8],
    [16, 19, 4],
  ] as const) {
    a = ((a - c) ^ rotate(c, first)) | 0;
    c = (c + b) | 0;
    b = ((b - a) ^ rotate(a, second)) | 0;
    a = (a + c) | 0;
    c = ((c - b) ^ rotate(b, third)) | 0;
    b = (b + a) | 0;
  }
  return [a, b, c];
}

function finish([a, b, c]: State): number {
  c = ((c ^ b) - rotate(b, 14)) | 0;
  a = ((a ^ c) - rotate(c, 11)) | 0;
  b = ((b ^ a) - rotate(a, 25)) | 0;
  c = ((c ^ b) - rotate(b, 16)) | 0;
  a = ((a ^ c) - rotate(c, 4)) | 0;
  b = ((b ^ a) - rotate(a, 14)) | 0;
  return ((c ^ b) - rotate(b, 24)) >>> 0;
}

/** Little-endian word of the bytes from `at`; bytes past the end are 0. */
const wordAt = (bytes: Uint8Array, at: number) =>
  (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);

/** The checksum as an unsigned 32-bit integer. */
export function hdf5Checksum(bytes: Uint8Array): number {
  const start = (0xdeadbeef + bytes.length) | 0;
  let state: State = [start, start, start];
  const add = (at: number): State => [
    (state[0] + wordAt(bytes, at)) | 0,
    (state[1] + wordAt(bytes, at + 4)) | 0,
    (state[2] + wordAt(bytes, at + 8)) | 0,
  ];
  if (bytes.length === 0) return start >>> 0;
  let at = 0;
  // The last one to twelve bytes are processed by a different final step.
  for (; bytes.length - at > 12; at += 12) state = mix(add(at));
  return finish(add(at));
}
