/** Pictures: in a folder for each class, named by a table, or with masks; in a zip or tar archive, or a folder. */
import { missingPart } from '../array-names.ts';
import type { Candidate } from '../candidate.ts';
import { defineFormat, type RawDataset, type RawTargets, type Reading } from '../dataset-format.ts';
import { listMembers } from '../members.ts';
import type { PartName } from '../parts.ts';
import { readAnnotations } from '../pictures/annotations.ts';
import { arrangeClassFolders, type LabelledPicture } from '../pictures/class-folders.ts';
import { decodeAll, type ImageSize, type PictureTask } from '../pictures/decode-all.ts';
import { namedTargets } from '../pictures/label-values.ts';
import { imageSizeOption } from '../pictures/options.ts';
import { isPicture } from '../pictures/picture-names.ts';
import { createPixelStore } from '../pictures/pixel-store.ts';
import { readSegmentation } from '../pictures/segmentation.ts';
import { findTables, readPictureTable } from '../pictures/table.ts';

export const pictures = defineFormat({
  name: 'pictures',
  summary:
    'PNG, JPEG, WebP, GIF, BMP, TIFF, AVIF, PPM in a folder, zip, tar or tar.gz: in a folder for each class, named by a table, or with masks.',
  options: imageSizeOption,
  conventions: [
    { what: 'a folder for each class (ImageFolder of torchvision, Keras, Hugging Face)', example: 'shapes.zip' },
    { what: 'train/, val/ and test/ with class folders', example: 'cifar10.tar.gz', options: { part: 'test' } },
    {
      what: 'Tiny ImageNet: train/CLASS/images/, val/images/ with val_annotations.txt',
      example: 'tiny-imagenet-200.zip',
    },
    { what: 'pictures of different sizes', example: 'photos.zip', options: { imageSize: [64, 64] } },
    { what: 'metadata.csv (file_name, label), labels.csv or train.csv beside the pictures', example: 'kaggle.zip' },
    { what: 'images/ and masks/ of the same names (JPEGImages/ and SegmentationClass/)', example: 'segmentation.zip' },
  ],
  recognise: ({ kind, members }) => {
    if (kind === 'file') return null;
    const count = members.filter(isPicture).length;
    return count === 0 ? null : `is a ${kind === 'folder' ? 'folder' : `${kind} archive`} of pictures`;
  },
  async read(candidate, { imageSize }, reading) {
    const members = await listMembers(candidate);
    const names = members.filter(isPicture);
    const others = members.filter((name) => !isPicture(name));
    const segmentation = await readSegmentation(candidate, members, imageSize, reading);
    if (segmentation !== null) return segmentation;
    const tables = findTables(others, names);
    if (tables.length > 0) return readPictureTable(candidate, names, tables, imageSize, reading);
    return readClassFolders(candidate, names, others, imageSize, reading);
  },
});

async function readClassFolders(
  candidate: Candidate,
  names: readonly string[],
  others: readonly string[],
  imageSize: ImageSize | undefined,
  { part, budget }: Reading,
): Promise<RawDataset> {
  const annotated = await readAnnotations(candidate, names, others);
  const { parts, notes } = arrangeClassFolders({
    pictures: names,
    others,
    annotated,
    wanted: part,
    label: candidate.label,
  });
  const own = parts.get(part);
  if (own === undefined) throw missingPart(part, [...parts.keys()], candidate.label);
  const store = createPixelStore(budget, candidate.label);
  const tasks = new Map<string, PictureTask[]>(
    own.map(({ name }, row) => [name, [{ put: (picture) => store.put(row, picture, name) }]]),
  );
  const sha256 = await decodeAll(candidate, tasks, imageSize);
  return {
    inputs: [store.finish('images')],
    targets: folderTargets(own),
    parts: [...parts].map(([name, list]: [PartName, readonly LabelledPicture[]]) => ({ name, samples: list.length })),
    otherTargets: [...parts].filter(([name]) => name !== part).map(([, list]) => folderTargets(list)),
    notes,
    sha256,
    locate: (sample) => own[sample]?.name ?? `sample ${sample}`,
  };
}

const folderTargets = (list: readonly LabelledPicture[]): RawTargets =>
  namedTargets(
    'folder',
    list.map(({ className }) => className),
  );
