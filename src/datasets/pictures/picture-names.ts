/** Which members are pictures, and in what folders they lie. */
import { type PartName, partOfWord } from '../parts.ts';

const extensions = /\.(jpe?g|jpe|jfif|png|apng|webp|gif|bmp|dib|tiff?|ppm|pgm|pbm|pnm|avif)$/i;

/** By extension; what it really holds is seen when it is decoded. */
export const isPicture = (name: string) => extensions.test(name);

export const folderOf = (name: string) => name.slice(0, Math.max(0, name.lastIndexOf('/')));
export const baseName = (name: string) => name.slice(name.lastIndexOf('/') + 1);
/** Without the extension. */
export const stemOf = (name: string) => baseName(name).replace(/\.[^.]*$/, '');

/** The part that a folder on the way names, and the path without it. */
export function splitPath(folder: string): { readonly part: PartName | null; readonly rest: string } {
  const words = folder.split('/');
  const at = words.findIndex((word) => partOfWord(word.toLowerCase()) !== null);
  const word = words[at];
  return {
    part: word === undefined ? null : partOfWord(word.toLowerCase()),
    rest: words.filter((_, i) => i !== at).join('/'),
  };
}
