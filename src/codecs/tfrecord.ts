/**
 * Reads TFRecord files, which consist of records of a length, its checksum, the data and its checksum; and parses tf.train.Example messages.
 *
 * Format: https://www.tensorflow.org/tutorials/load_data/tfrecord, tensorflow/core/example/example.proto and feature.proto; protobuf's encoding.
 */
import { type ByteSource, fill, malformed, type Origin } from './byte-source.ts';
import { maskedCrc32c } from './crc32c.ts';

const headBytes = 12;
/** Protobuf allows no larger message. */
const maxRecordBytes = 2 ** 31;

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** True for the first bytes of a TFRecord file: a length and its valid checksum. */
export function isTfRecord(head: Uint8Array): boolean {
  return head.length >= headBytes && maskedCrc32c(head.subarray(0, 8)) === viewOf(head).getUint32(8, true);
}

/** The data of every record; errors number records from 1. Throws the origin's code for truncated, damaged and inconsistent records. */
export async function* readTfRecords(source: ByteSource, origin: Origin): AsyncGenerator<Uint8Array> {
  for (let record = 1; ; record++) {
    const head = new Uint8Array(headBytes);
    const length = await fill(source, head);
    if (length === 0) return;
    const cut = () => malformed(origin, `truncated: record ${record} is cut off; write or download the file again`);
    if (length < headBytes) return cut();
    if (!isTfRecord(head))
      malformed(origin, `record ${record}: the checksum of its length is wrong; the file is damaged or no TFRecord`);
    const size = Number(viewOf(head).getBigUint64(0, true));
    if (size > maxRecordBytes)
      malformed(origin, `record ${record} claims a length of ${size} bytes, more than any record may have`);
    if (size + 4 > source.bound()) return cut();
    const data = new Uint8Array(size + 4);
    if ((await fill(source, data)) < data.length) return cut();
    const content = data.subarray(0, size);
    if (maskedCrc32c(content) !== viewOf(data).getUint32(size, true))
      malformed(origin, `record ${record} is damaged: its checksum is wrong`);
    yield content;
  }
}

export type TfFeature =
  | { readonly kind: 'bytes'; readonly values: readonly Uint8Array[] }
  | { readonly kind: 'floats'; readonly values: readonly number[] }
  /** Values beyond 2^53 are rounded; `isExact` is then false. */
  | { readonly kind: 'integers'; readonly values: readonly number[]; readonly isExact: boolean };

/** The features of a tf.train.Example by name. Throws the origin's code, naming `place`, for any other content. */
export function parseExample(bytes: Uint8Array, place: string, origin: Origin): Map<string, TfFeature> {
  const refuse = (): never =>
    malformed(origin, `${place} is no tf.train.Example; write Examples with lists of one length`);
  const features = new Map<string, TfFeature>();
  try {
    for (const top of fieldsOf(bytes)) {
      if (top.number === 2)
        return malformed(
          origin,
          `${place} is a tf.train.SequenceExample; write each as a tf.train.Example with lists of one length`,
        );
      if (top.number !== 1 || !(top.value instanceof Uint8Array)) return refuse();
      for (const entry of fieldsOf(top.value)) {
        if (entry.number !== 1 || !(entry.value instanceof Uint8Array)) return refuse();
        const [name, feature] = parseEntry(entry.value);
        if (feature !== null) features.set(name, feature);
      }
    }
  } catch (error) {
    if (error instanceof RangeError) return refuse();
    throw error;
  }
  return features;
}

function parseEntry(bytes: Uint8Array): [string, TfFeature | null] {
  let name = '';
  let feature: TfFeature | null = null;
  for (const { number, value } of fieldsOf(bytes)) {
    if (!(value instanceof Uint8Array)) throw new RangeError('a map entry of numbers');
    if (number === 1) name = new TextDecoder().decode(value);
    else if (number === 2) feature = parseFeature(value);
  }
  return [name, feature];
}

function parseFeature(bytes: Uint8Array): TfFeature | null {
  let feature: TfFeature | null = null;
  for (const { number, value } of fieldsOf(bytes)) {
    if (!(value instanceof Uint8Array)) throw new RangeError('a feature that is no list');
    if (number === 1) feature = { kind: 'bytes', values: [...fieldsOf(value)].map((field) => bytesOf(field.value)) };
    else if (number === 2)
      feature = { kind: 'floats', values: [...fieldsOf(value)].flatMap((field) => floatsOf(field.value)) };
    else if (number === 3) {
      const values = [...fieldsOf(value)].flatMap((field) => integersOf(field.value));
      feature = {
        kind: 'integers',
        values: values.map(Number),
        isExact: values.every((one) => one === BigInt(Number(one)) && Number.isSafeInteger(Number(one))),
      };
    }
  }
  return feature;
}

type WireValue = bigint | Uint8Array;

function bytesOf(value: WireValue): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw new RangeError('a number where bytes were expected');
}

/** Values of a repeated float field, packed or single. */
function floatsOf(value: WireValue): number[] {
  const bytes = bytesOf(value);
  if (bytes.byteLength % 4 !== 0) throw new RangeError('floats of odd length');
  return Array.from({ length: bytes.byteLength / 4 }, (_, i) => viewOf(bytes).getFloat32(i * 4, true));
}

/** Values of a repeated integer field, packed or single. */
function integersOf(value: WireValue): bigint[] {
  if (!(value instanceof Uint8Array)) return [BigInt.asIntN(64, value)];
  const integers: bigint[] = [];
  for (let at = 0; at < value.length; ) {
    const [integer, next] = readVarint(value, at);
    integers.push(BigInt.asIntN(64, integer));
    at = next;
  }
  return integers;
}

/** The fields of a message; fixed-size fields are yielded as bytes. Throws RangeError for an invalid message. */
function* fieldsOf(bytes: Uint8Array): Generator<{ number: number; value: WireValue }> {
  for (let at = 0; at < bytes.length; ) {
    const [key, start] = readVarint(bytes, at);
    const number = Number(key >> 3n);
    const wire = Number(key & 7n);
    if (number === 0) throw new RangeError('field 0');
    if (wire === 0) {
      const [value, next] = readVarint(bytes, start);
      yield { number, value };
      at = next;
      continue;
    }
    const [length, from] = wire === 2 ? readVarint(bytes, start) : [wire === 5 ? 4n : wire === 1 ? 8n : -1n, start];
    if (length < 0n || BigInt(from) + length > BigInt(bytes.length)) throw new RangeError('a field beyond its message');
    at = from + Number(length);
    yield { number, value: bytes.subarray(from, at) };
  }
}

function readVarint(bytes: Uint8Array, start: number): [bigint, number] {
  // A varint of up to seven bytes fits a number. Nearly all values are that small, and bigint arithmetic is slow.
  let small = 0;
  for (let i = 0; i < 7; i++) {
    const byte = bytes[start + i];
    if (byte === undefined) throw new RangeError('a number ends early');
    small += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return [BigInt(small), start + i + 1];
  }
  let value = BigInt(small);
  for (let i = 7; i < 10; i++) {
    const byte = bytes[start + i];
    if (byte === undefined) throw new RangeError('a number ends early');
    value |= BigInt(byte & 0x7f) << BigInt(7 * i);
    if (byte < 0x80) return [BigInt.asUintN(64, value), start + i + 1];
  }
  throw new RangeError('a number of more than ten bytes');
}
