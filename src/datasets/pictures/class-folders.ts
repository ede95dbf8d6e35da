/**
 * Pictures in a folder for each class: the class is the folder that holds the picture, or the one around it where all of them are called images; folders around
 * it are passed through, train, val and test are parts.
 */
import { AppError } from '../../errors.ts';
import { compareCodePoints, type PartName, partNames } from '../parts.ts';
import { baseName, folderOf, splitPath } from './picture-names.ts';

export interface LabelledPicture {
  readonly name: string;
  readonly className: string;
}

export interface ClassFolders {
  /** Pictures of every part: classes by code point, files of a class by code point (ImageFolder of torchvision). */
  readonly parts: ReadonlyMap<PartName, readonly LabelledPicture[]>;
  readonly notes: readonly string[];
}

function refuse(label: string, problem: string): never {
  throw new AppError('DATASET_INVALID', `${label}: ${problem}`);
}

const advice =
  'put the pictures of each class in a folder of its own (CLASS/picture.png), or add metadata.csv with the columns file_name and label beside them';

/** Names of folders that hold the pictures of one class, or of all. */
const holderName = /(^|\/)(images?|imgs?|pictures|photos)$/i;

/** The folder that names the class: `n01443537` of `train/n01443537/images`; of a part that has none, the folder of the part. */
function withoutHolders(placed: readonly Placed[]): Placed[] {
  const others = new Set(placed.filter(({ rest }) => !holderName.test(rest)).map(({ part }) => part));
  return placed.map((one) => (others.has(one.part) ? one : { ...one, rest: folderOf(one.rest) }));
}

export interface ClassFolderInput {
  readonly pictures: readonly string[];
  /** The members that are no pictures. */
  readonly others: readonly string[];
  /** Classes by picture where a file beside them gives them. */
  readonly annotated: ReadonlyMap<string, string>;
  /** The part that must have labels: others without class folders are left out. */
  readonly wanted: PartName;
  readonly label: string;
}

/** Throws DATASET_INVALID naming the folder or picture that does not fit. */
export function arrangeClassFolders({ pictures, others, annotated, wanted, label }: ClassFolderInput): ClassFolders {
  const placed = withoutHolders(
    pictures.map((name) => ({ name, folder: folderOf(name), ...splitPath(folderOf(name)) })),
  ).map((one) => ({ ...one, rest: annotated.get(one.name) ?? one.rest }));
  const hasParts = placed.some(({ part }) => part !== null);
  const above = foldersAbove(placed.map(({ rest }) => rest));
  const isFlat = ({ rest }: Placed) => rest === '' || (hasParts && above.has(rest));
  const isLeftOut = (one: Placed) => one.part === null || (one.part !== wanted && isFlat(one));
  const outside = hasParts ? placed.filter(isLeftOut) : [];
  const inside = hasParts ? placed.filter((one) => !isLeftOut(one)) : placed;
  const holders = new Set(inside.map(({ folder }) => folder));
  const flat = inside.find(isFlat);
  if (flat !== undefined || inside.length === 0)
    refuse(
      label,
      `pictures without labels: ${flat?.name ?? 'they'} lies in no class folder, and there is no table (labels.csv, train.csv, metadata.csv) that names it; ${advice}`,
    );
  for (const folder of holders) {
    const around = [...holders].find((other) => other !== folder && folder.startsWith(other === '' ? '' : `${other}/`));
    if (around === undefined) continue;
    const deeper = inside.find((picture) => picture.folder === folder)?.name;
    refuse(
      label,
      `the folder ${around === '' ? 'itself' : around} holds pictures beside class folders (${deeper} lies deeper); ${advice}`,
    );
  }
  checkNames(inside, label);
  checkEmpty(inside, others, label);
  const parts = new Map<PartName, LabelledPicture[]>();
  for (const part of partNames) {
    const own = inside.filter((picture) => (picture.part ?? 'train') === part);
    const labelled = own.map(({ name, rest }) => ({ name, className: baseName(rest) }));
    labelled.sort((a, b) => compareCodePoints(a.className, b.className) || compareCodePoints(a.name, b.name));
    if (labelled.length > 0) parts.set(part, labelled);
  }
  const left =
    outside.length === 0
      ? []
      : [`${outside.length} pictures in no class folder of a part were left out, ${outside[0]?.name} among them.`];
  return { parts, notes: left };
}

/** All folders that hold one of these. */
function foldersAbove(folders: readonly string[]): Set<string> {
  const above = new Set<string>();
  for (const folder of new Set(folders))
    for (let next = folderOf(folder); next !== '' && !above.has(next); next = folderOf(next)) above.add(next);
  return above;
}

interface Placed {
  readonly name: string;
  readonly part: PartName | null;
  /** The folder without the word of the part. */
  readonly rest: string;
  readonly folder: string;
}

/** a/left and b/left would become one class. */
function checkNames(pictures: readonly Placed[], label: string): void {
  const folders = new Map<string, string>();
  for (const { part, rest, folder } of pictures) {
    const key = `${part}/${baseName(rest)}`;
    const other = folders.get(key);
    if (other !== undefined && other !== folder)
      refuse(
        label,
        `the folders ${other} and ${folder} have the same name, and a class is named by the folder that holds its pictures; ${advice}`,
      );
    folders.set(key, folder);
  }
}

/** A folder beside the class folders that holds files, none of them a picture. */
function checkEmpty(pictures: readonly Placed[], others: readonly string[], label: string): void {
  const holders = new Set(pictures.map(({ folder }) => folder));
  const parents = new Set([...holders].map(folderOf));
  const empty = others
    .map(folderOf)
    .find(
      (folder) =>
        folder !== '' &&
        !holders.has(folder) &&
        parents.has(folderOf(folder)) &&
        ![...holders].some((holder) => holder.startsWith(`${folder}/`)),
    );
  if (empty !== undefined)
    refuse(label, `the class folder ${empty} is empty: it holds no picture; remove it, or put its pictures there`);
}
