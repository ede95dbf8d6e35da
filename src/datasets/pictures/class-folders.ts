/** Pictures in a folder for each class: the class is the folder that holds the picture, folders around it are passed through, train, val and test are parts. */
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

/** `others` are the members that are no pictures. Throws DATASET_INVALID naming the folder or picture that does not fit. */
export function arrangeClassFolders(
  pictures: readonly string[],
  others: readonly string[],
  label: string,
): ClassFolders {
  const holders = new Set(pictures.map(folderOf));
  const placed = pictures.map((name) => ({ name, folder: folderOf(name), ...splitPath(folderOf(name)) }));
  const hasParts = placed.some(({ part }) => part !== null);
  const outside = hasParts ? placed.filter(({ part }) => part === null) : [];
  const inside = hasParts ? placed.filter(({ part }) => part !== null) : placed;
  const flat = inside.find(({ rest }) => rest === '');
  if (flat !== undefined || inside.length === 0)
    refuse(
      label,
      `pictures without labels: ${flat?.name ?? 'they'} lies in no class folder, and there is no table (labels.csv, train.csv, metadata.csv) that names it; ${advice}`,
    );
  for (const { folder, name } of inside) {
    const around = [...holders].find(
      (other) =>
        other !== folder &&
        folder.startsWith(other === '' ? '' : `${other}/`) &&
        inside.some((picture) => picture.folder === other),
    );
    if (around !== undefined)
      refuse(
        label,
        `the folder ${around === '' ? 'itself' : around} holds pictures beside class folders (${name} lies deeper); ${advice}`,
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
      : [
          `${outside.length} pictures outside of the folders of the parts were left out, ${outside[0]?.name} among them.`,
        ];
  return { parts, notes: left };
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
