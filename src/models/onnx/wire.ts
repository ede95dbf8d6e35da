/**
 * Messages of protocol buffers as typed objects: each message names its fields, all others are passed over.
 *
 * A nested message is read from the bytes that its length gives, so that no field reaches beyond the message that holds it.
 */
import pb from 'protobufjs/minimal.js';
import { AppError } from '../../errors.ts';

type Reader = pb.Reader;

/** Wire types: 0 varint, 1 eight bytes, 2 length and bytes, 5 four bytes. */
type ReadField = (reader: Reader, wireType: number) => void;

export type Fields = Readonly<Record<number, ReadField>>;

export const damaged = (problem: string): never => {
  throw new AppError('MODEL_MALFORMED', `is no sound ONNX file: ${problem}; write or download it again`);
};

function expect(wireType: number, wanted: number): void {
  if (wireType !== wanted) damaged(`a field has the wire type ${wireType} where ${wanted} belongs`);
}

/** Whole numbers of 64 bits come as objects. */
const numberOf = (value: number | { toString(): string }): number =>
  typeof value === 'number' ? value : Number(value.toString());

export const bytes =
  (set: (value: Uint8Array) => void): ReadField =>
  (reader, wireType) => {
    expect(wireType, 2);
    set(reader.bytes());
  };

const utf8 = new TextDecoder();
export const asText = (value: Uint8Array): string => utf8.decode(value);

export const text = (set: (value: string) => void): ReadField => bytes((value) => set(asText(value)));

export const int =
  (set: (value: number) => void): ReadField =>
  (reader, wireType) => {
    expect(wireType, 0);
    set(numberOf(reader.int64()));
  };

export const float =
  (set: (value: number) => void): ReadField =>
  (reader, wireType) => {
    expect(wireType, 5);
    set(reader.float());
  };

const repeated =
  (own: number, read: (reader: Reader) => number, list: number[]): ReadField =>
  (reader, wireType) => {
    if (wireType === own) {
      list.push(read(reader));
      return;
    }
    expect(wireType, 2);
    const packed = pb.Reader.create(reader.bytes());
    while (packed.pos < packed.len) list.push(read(packed));
  };

export const ints = (list: number[]): ReadField => repeated(0, (reader) => numberOf(reader.int64()), list);
export const floats = (list: number[]): ReadField => repeated(5, (reader) => reader.float(), list);
export const doubles = (list: number[]): ReadField => repeated(1, (reader) => reader.double(), list);

export const message = <T>(read: (content: Uint8Array) => T, set: (value: T) => void): ReadField =>
  bytes((content) => set(read(content)));

/** Reads a message of these fields. Throws MODEL_MALFORMED for one that is cut off or lies about its lengths. */
export function readFields(content: Uint8Array, fields: Fields): void {
  const reader = pb.Reader.create(content);
  try {
    while (reader.pos < reader.len) {
      const tag = reader.uint32();
      const [field, wireType] = [tag >>> 3, tag & 7];
      const read = fields[field];
      if (read) read(reader, wireType);
      else reader.skipType(wireType, 0, field);
    }
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    damaged(`it is cut off or damaged (${cause instanceof Error ? cause.message : 'unknown'})`);
  }
}
