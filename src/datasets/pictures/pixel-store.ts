/** Pixels of many pictures, decoded in any order, as one column: one copy, in the type of the file, in blocks of some megabytes. */
import type { Elements } from '../../codecs/elements.ts';
import type { Picture } from '../../codecs/pictures/picture.ts';
import { AppError } from '../../errors.ts';
import type { Budget } from '../budget.ts';
import { type Chunk, type Column, createColumn, elementsOf } from '../column.ts';
import type { RawInput } from '../dataset-format.ts';
import type { StoredElements } from '../spill.ts';

export interface PixelStore {
  /** The picture of one row; `name` for errors. Throws DATASET_INVALID when it differs in size or depth from the others. */
  put(row: number, picture: Picture, name: string): void;
  /** The input. Every row has been put. */
  finish(name: string): RawInput;
}

type Pixels = Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer>;

const blockBytes = 2 ** 22;

interface First {
  readonly height: number;
  readonly width: number;
  readonly isWide: boolean;
  readonly name: string;
}

/** `label` names the dataset in the error of a budget that is used up. */
export function createPixelStore(budget: Budget, label: string): PixelStore {
  const pixels: (Pixels | StoredElements | undefined)[] = [];
  const greys = new Set<number>();
  let first: First | null = null;
  let block: Pixels = new Uint8Array(0);
  let used = 0;

  /** The next piece of a block, which holds pictures in the order in which they came; beyond the limit of memory a place on disk. */
  const place = (data: Picture['data']): Pixels | StoredElements => {
    if (used + data.length > block.length) {
      const length = Math.max(data.length, Math.floor(blockBytes / data.length) * data.length);
      if (budget.place(length * data.BYTES_PER_ELEMENT, label) === 'disk') return budget.store(data, label);
      block = data instanceof Uint16Array ? new Uint16Array(length) : new Uint8Array(length);
      used = 0;
    }
    const piece = block.subarray(used, used + data.length);
    piece.set(data);
    used += data.length;
    return piece;
  };

  return {
    put(row, picture, name) {
      const { height, width, data } = picture;
      const isWide = data instanceof Uint16Array;
      first ??= { height, width, isWide, name };
      if (height !== first.height || width !== first.width) refuseSizes(first, picture, name, label);
      if (isWide !== first.isWide)
        throw new AppError(
          'DATASET_INVALID',
          `${label}: ${first.name} has ${first.isWide ? 16 : 8} bits a channel, ${name} ${isWide ? 16 : 8}; bring all pictures to one depth`,
        );
      if (picture.channels === 1) greys.add(row);
      pixels[row] = place(data);
    },
    finish(name) {
      const { height, width, isWide } = first ?? { height: 0, width: 0, isWide: false };
      const channels = greys.size === pixels.length ? 1 : 3;
      if (channels === 3)
        for (const row of greys) pixels[row] = place(inColour(elementsOf(pixels[row] ?? new Uint8Array(0))));
      const column = columnOf(pixels, [height, width, channels]);
      return { name, column, role: 'image', range: isWide ? [0, 65535] : [0, 255], channelsFirst: false };
    },
  };
}

function refuseSizes(first: First, { height, width }: Picture, name: string, label: string): never {
  const [a, b] = [
    { name: first.name, size: `${first.height} x ${first.width}` },
    { name, size: `${height} x ${width}` },
  ].sort((x, y) => (x.name < y.name ? -1 : 1)) as [{ name: string; size: string }, { name: string; size: string }];
  throw new AppError(
    'DATASET_INVALID',
    `${label}: the pictures have different sizes: ${a.name} is ${a.size}, ${b.name} is ${b.size} (height x width); set the option imageSize, such as [${first.height}, ${first.width}], to bring all to one size, or resize them yourself`,
    { details: { first: a.name, second: b.name } },
  );
}

/** Grey among colours: red, green and blue are the grey. */
function inColour(grey: Elements): Pixels {
  const colour = grey instanceof Uint16Array ? new Uint16Array(grey.length * 3) : new Uint8Array(grey.length * 3);
  for (let p = 0; p < grey.length; p++) colour.fill(grey[p] as number, p * 3, p * 3 + 3);
  return colour;
}

/** Rows that follow one another in memory make one block. */
function columnOf(pixels: readonly (Pixels | StoredElements | undefined)[], rowShape: readonly number[]): Column {
  const chunks: Chunk[] = [];
  for (const [row, data] of pixels.entries()) {
    if (data === undefined) throw new AppError('INTERNAL', `picture ${row} was never put`);
    const last = chunks.at(-1);
    const isNext =
      ArrayBuffer.isView(data) &&
      ArrayBuffer.isView(last) &&
      last.buffer === data.buffer &&
      last.byteOffset + last.byteLength === data.byteOffset;
    if (isNext) {
      const Kind = data instanceof Uint16Array ? Uint16Array : Uint8Array;
      chunks[chunks.length - 1] = new Kind(data.buffer, last.byteOffset, last.length + data.length);
    } else chunks.push(data);
  }
  return createColumn(rowShape, chunks);
}
