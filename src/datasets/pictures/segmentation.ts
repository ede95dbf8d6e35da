/** Pictures with masks: images/NAME.jpg and masks/NAME.png of one stem; the number of a mask's pixel is its class, 255 is no class. */
import type { Origin } from '../../codecs/byte-source.ts';
import { malformed } from '../../codecs/byte-source.ts';
import { decodePicture } from '../../codecs/pictures/decode.ts';
import { readPictureHeader } from '../../codecs/pictures/header.ts';
import { defaultLimits, type Picture } from '../../codecs/pictures/picture.ts';
import { decodePngIndices } from '../../codecs/pictures/png-indices.ts';
import { AppError } from '../../errors.ts';
import { missingPart } from '../array-names.ts';
import type { Candidate } from '../candidate.ts';
import { plainTargets, type RawDataset, type Reading } from '../dataset-format.ts';
import { maxTableBytes, readMembers } from '../members.ts';
import { compareCodePoints, type PartName, partNames } from '../parts.ts';
import { decodeAll, type ImageSize, type PictureTask } from './decode-all.ts';
import { resizeMask } from './nearest.ts';
import { folderOf, isPicture, splitPath, stemOf } from './picture-names.ts';
import { createPixelStore } from './pixel-store.ts';

const imageFolders = /^(images?|imgs?|jpegimages)$/i;
const maskFolders = /^(masks?|labels?|annotations?|segmentationclass(png|aug)?|segmentations?|gt)$/i;
const maskSuffix = /[-_](mask|seg|segmentation|label|gt)$/i;

interface Pair {
  readonly image: string;
  readonly mask: string;
  readonly part: PartName | null;
}

/** Null when the members are no pictures with masks. Throws DATASET_INVALID for pictures without a mask, naming one. */
export async function readSegmentation(
  candidate: Candidate,
  members: readonly string[],
  imageSize: ImageSize | undefined,
  { part, budget }: Reading,
): Promise<RawDataset | null> {
  const found = pairUp(members.filter(isPicture));
  if (found === null) return null;
  const lists = await readLists(candidate, members);
  const parts = lists.size > 0 ? byList(found.pairs, lists, candidate.label) : byFolder(found.pairs);
  const missing = lists.size > 0 ? [] : found.unpaired;
  if (missing.length > 0)
    throw new AppError(
      'DATASET_INVALID',
      `${candidate.label}: ${missing.length} pictures have no mask of the same name, ${missing[0]} among them; add the masks or remove the pictures`,
    );
  const own = parts.get(part);
  if (own === undefined) throw missingPart(part, [...parts.keys()], candidate.label);
  const images = createPixelStore(budget, candidate.label);
  const masks = createPixelStore(budget, candidate.label);
  const tasks = new Map<string, PictureTask[]>();
  own.forEach(({ image, mask }, row) => {
    tasks.set(image, [{ put: (picture) => images.put(row, picture, image) }]);
    tasks.set(mask, [
      {
        put: (picture) => masks.put(row, picture, mask),
        decode: (bytes, origin) => decodeMask(bytes, origin, imageSize),
      },
    ]);
  });
  const sha256 = await decodeAll(candidate, tasks, imageSize);
  const input = images.finish('images');
  const { column } = masks.finish('masks');
  const [height, width] = input.column.rowShape;
  if (column.rowShape[0] !== height || column.rowShape[1] !== width)
    throw new AppError(
      'DATASET_INVALID',
      `${candidate.label}: the pictures have ${height} x ${width} pixels, the masks ${column.rowShape[0]} x ${column.rowShape[1]}; bring them to one size`,
    );
  const flat = { ...column, rowShape: column.rowShape.slice(0, 2) };
  return {
    inputs: [input],
    targets: { ...plainTargets('masks', flat, true), ignored: 255 },
    parts: [...parts].map(([name, pairs]) => ({ name, samples: pairs.length })),
    otherTargets: [],
    notes:
      found.extraMasks > 0 && lists.size === 0 ? [`${found.extraMasks} masks without a picture were left out.`] : [],
    sha256,
    locate: (sample) => own[sample]?.image ?? `sample ${sample}`,
  };
}

/** The index of a palette, or the grey value. */
async function decodeMask(bytes: Uint8Array, origin: Origin, imageSize: ImageSize | undefined): Promise<Picture> {
  const kind = readPictureHeader(bytes)?.kind;
  if (kind === 'jpeg') malformed(origin, 'is a mask stored as JPEG, which changes the class ids; save masks as PNG');
  const mask =
    kind === 'png' ? await decodePngIndices(bytes, origin, defaultLimits) : await decodePicture(bytes, origin);
  if (mask.channels !== 1)
    malformed(origin, 'is a mask in colours; a mask holds one class id a pixel: grey, or a PNG with a palette');
  return imageSize === undefined ? mask : resizeMask(mask, ...imageSize);
}

interface Paired {
  readonly pairs: readonly Pair[];
  readonly unpaired: readonly string[];
  readonly extraMasks: number;
}

/** The word of a path that says whether it is of pictures or masks, replaced, is what the two have in common. */
function pairUp(pictures: readonly string[]): Paired | null {
  const keyOf = (name: string, words: RegExp) => {
    const folders = folderOf(name).split('/');
    const at = folders.findLastIndex((folder) => words.test(folder));
    if (at < 0) return null;
    const stem = words === maskFolders ? stemOf(name).replace(maskSuffix, '') : stemOf(name);
    return [...folders.map((folder, i) => (i === at ? '*' : folder)), stem].join('/');
  };
  const masks = new Map<string, string>();
  const images = new Map<string, string>();
  for (const name of pictures) {
    const asMask = keyOf(name, maskFolders);
    const asImage = keyOf(name, imageFolders);
    if (asMask !== null && asImage === null) masks.set(asMask, name);
    else if (asImage !== null && asMask === null) images.set(asImage, name);
  }
  if (masks.size === 0 || images.size === 0) return null;
  const pairs: Pair[] = [];
  const unpaired: string[] = [];
  for (const [key, image] of images) {
    const mask = masks.get(key);
    if (mask === undefined) unpaired.push(image);
    else pairs.push({ image, mask, part: splitPath(folderOf(image)).part });
  }
  if (pairs.length === 0) return null;
  pairs.sort((a, b) => compareCodePoints(a.image, b.image));
  return { pairs, unpaired, extraMasks: masks.size - pairs.length };
}

function byFolder(pairs: readonly Pair[]): Map<PartName, readonly Pair[]> {
  return new Map(
    partNames
      .map((part) => [part, pairs.filter((pair) => (pair.part ?? 'train') === part)] as const)
      .filter(([, own]) => own.length > 0),
  );
}

const listName = /(^|\/)imagesets\/(?:segmentation|main)\/(train|val|test)\.txt$/i;

/** Pascal VOC: ImageSets/Segmentation/train.txt and val.txt hold the stems of a part. */
async function readLists(candidate: Candidate, members: readonly string[]): Promise<Map<PartName, readonly string[]>> {
  const lists = new Map<PartName, readonly string[]>();
  if (!members.some((name) => listName.test(name))) return lists;
  await readMembers(candidate, {
    wants: (name) => listName.test(name),
    maxMemberBytes: maxTableBytes,
    visit: async (name, bytes) => {
      const part = partNames.find((word) => word.startsWith((listName.exec(name)?.[2] ?? '').toLowerCase()));
      const stems = new TextDecoder()
        .decode(bytes)
        .split(/\s+/)
        .filter((stem) => stem !== '');
      if (part !== undefined && stems.length > 0) lists.set(part, stems);
    },
  });
  return lists;
}

function byList(
  pairs: readonly Pair[],
  lists: ReadonlyMap<PartName, readonly string[]>,
  label: string,
): Map<PartName, readonly Pair[]> {
  const byStem = new Map(pairs.map((pair) => [stemOf(pair.image), pair]));
  const ofPart = ([part, stems]: readonly [PartName, readonly string[]]) => {
    const own = stems.map((stem) => byStem.get(stem) ?? refuseStem(stem, part, label));
    return [part, own] as const;
  };
  return new Map([...lists].map(ofPart));
}

function refuseStem(stem: string, part: PartName, label: string): never {
  throw new AppError(
    'DATASET_INVALID',
    `${label}: the list of the ${part} part names ${stem}, of which there is no picture with a mask`,
  );
}
