/** Decodes the pictures of a folder or archive while it is read: some at a time, each to its rows; all that are damaged are named together. */
import type { Origin } from '../../codecs/byte-source.ts';
import { decodePicture } from '../../codecs/pictures/decode.ts';
import { maxPictureFileBytes, type Picture } from '../../codecs/pictures/picture.ts';
import { resizePicture } from '../../codecs/pictures/resize.ts';
import { AppError } from '../../errors.ts';
import type { Candidate } from '../candidate.ts';
import { readMembers } from '../members.ts';

/** Height and width. */
export type ImageSize = readonly [number, number];

export interface PictureTask {
  /** Where the decoded picture goes. */
  put(picture: Picture): void;
  /** How it is decoded; default: as a picture, brought to `imageSize`. */
  decode?(bytes: Uint8Array, origin: Origin): Promise<Picture>;
}

/** Enough to keep the decoder's threads busy while the archive is read. */
const inFlight = 8;
/** Damaged pictures that are named. */
const maxNamed = 5;

/** Several tasks of one picture each get it. Throws DATASET_MALFORMED naming the damaged pictures and their number; returns the SHA-256 of what was read. */
export async function decodeAll(
  candidate: Candidate,
  tasks: ReadonlyMap<string, readonly PictureTask[]>,
  imageSize: ImageSize | undefined,
): Promise<string> {
  const queue = createDecodeQueue(candidate.label, imageSize);
  const sha256 = await readMembers(candidate, {
    wants: (name) => tasks.has(name),
    maxMemberBytes: maxPictureFileBytes,
    visit: (name, bytes) => queue.add(name, bytes, tasks.get(name) ?? []),
  });
  await queue.finish(tasks.size);
  return sha256;
}

export interface DecodeQueue {
  /** Waits while many are being decoded. The bytes are not touched afterwards. Throws what an earlier one threw, unless that was only damaged. */
  add(name: string, bytes: Uint8Array, tasks: readonly PictureTask[]): Promise<void>;
  /** Waits for all. Throws DATASET_MALFORMED for damaged pictures; `count` is that of all. */
  finish(count: number): Promise<void>;
}

export function createDecodeQueue(label: string, imageSize: ImageSize | undefined): DecodeQueue {
  const pending = new Set<Promise<void>>();
  const damaged: { name: string; message: string }[] = [];
  let fatal: { error: unknown } | null = null;

  const decode = async (name: string, bytes: Uint8Array, tasks: readonly PictureTask[]) => {
    const origin: Origin = { name, code: 'DATASET_MALFORMED' };
    try {
      for (const task of tasks) task.put(await (task.decode?.(bytes, origin) ?? decodeSized(bytes, origin, imageSize)));
    } catch (error) {
      if (error instanceof AppError && error.code === 'DATASET_MALFORMED')
        damaged.push({ name, message: error.message });
      else
        fatal ??= {
          error:
            error instanceof AppError && !error.message.startsWith(label)
              ? new AppError(error.code, `${label}: ${error.message}`, { details: error.details })
              : error,
        };
    }
  };
  const rethrow = () => {
    if (fatal !== null) throw fatal.error;
  };
  return {
    async add(name, bytes, tasks) {
      while (pending.size >= inFlight) await Promise.race(pending);
      rethrow();
      const running = decode(name, bytes, tasks).finally(() => pending.delete(running));
      pending.add(running);
    },
    async finish(count) {
      await Promise.all(pending);
      rethrow();
      if (damaged.length === 0) return;
      damaged.sort((a, b) => (a.name < b.name ? -1 : 1));
      const shown = damaged.slice(0, maxNamed).map(({ message }) => message);
      const more = damaged.length > maxNamed ? `; and ${damaged.length - maxNamed} more` : '';
      throw new AppError(
        'DATASET_MALFORMED',
        `${label}: ${damaged.length} of ${count} pictures cannot be read: ${shown.join('; ')}${more}`,
        {
          details: { count: damaged.length, pictures: damaged.slice(0, 100).map(({ name }) => name) },
        },
      );
    },
  };
}

async function decodeSized(bytes: Uint8Array, origin: Origin, imageSize: ImageSize | undefined): Promise<Picture> {
  const picture = await decodePicture(bytes, origin);
  return imageSize === undefined ? picture : resizePicture(picture, ...imageSize);
}
