/** Small data files for tests, and an assertion for invalid input. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { AppError, type ErrorCode } from '../../src/errors.ts';

/** A folder that is removed after the tests of the file. `write` creates a file in it and returns its path. */
export function temporaryFolder() {
  const folder = mkdtempSync(path.join(tmpdir(), 'gradinit-test-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return {
    path: folder,
    write(name: string, content: Uint8Array | string): string {
      const file = path.join(folder, name);
      writeFileSync(file, content);
      return file;
    },
  };
}

/** Passes when `run` rejects with an AppError with this code and a matching message. */
export async function refuses(run: () => Promise<unknown>, code: ErrorCode, message: RegExp): Promise<void> {
  await assert.rejects(run, (error) => {
    assert.ok(error instanceof AppError, `not an AppError: ${error}`);
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
    return true;
  });
}

/** An IDX file; `type` 0x08 is uint8. */
export function idxFile(shape: readonly number[], data: Uint8Array, type = 0x08): Buffer {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.writeUInt8(type, 2);
  header.writeUInt8(shape.length, 3);
  for (const [axis, extent] of shape.entries()) header.writeUInt32BE(extent, 4 + 4 * axis);
  return Buffer.concat([header, data]);
}

export interface TarFixture {
  readonly name: string;
  readonly content?: Uint8Array;
  /** '0' file, '1' and '2' links, '5' folder, 'x' pax header. */
  readonly type?: string;
  /** A size that differs from that of the content. */
  readonly size?: number;
}

/** A ustar archive. */
export function tarFile(entries: readonly TarFixture[]): Buffer {
  const blocks = entries.flatMap(({ name, content = new Uint8Array(0), type = '0', size = content.byteLength }) => {
    const header = Buffer.alloc(512);
    header.write(name, 0, 100);
    header.write('0000644\0', 100);
    header.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
    header.write('        ', 148);
    header.write(type, 156);
    header.write('ustar\u000000', 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return [header, content, Buffer.alloc((512 - (content.byteLength % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/** CIFAR records: record i has label(s) i modulo the classes and pixel j equal to i + j modulo 256. */
export function cifarFile(records: number, labelBytes: 1 | 2 = 1, first = 0): Buffer {
  const size = labelBytes + 3072;
  const file = Buffer.alloc(records * size);
  for (let i = 0; i < records; i++) {
    const n = first + i;
    if (labelBytes === 2) file[i * size] = n % 20;
    file[i * size + labelBytes - 1] = labelBytes === 2 ? n % 100 : n % 10;
    for (let j = 0; j < 3072; j++) file[i * size + labelBytes + j] = (n + j) % 256;
  }
  return file;
}
