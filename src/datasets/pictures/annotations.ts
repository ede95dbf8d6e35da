/** Files such as val_annotations.txt of Tiny ImageNet: a line for each picture, its name and its class, then a box, separated by tabs. */
import { malformed, type Origin } from '../../codecs/byte-source.ts';
import type { Candidate } from '../candidate.ts';
import { maxTableBytes, readMembers } from '../members.ts';
import { folderOf } from './picture-names.ts';

const annotationName = /(^|\/)(train|val|valid|validation|test)_annotations\.txt$/i;

/** The class of every picture that such a file names. Throws DATASET_MALFORMED naming the line. */
export async function readAnnotations(
  candidate: Candidate,
  pictures: readonly string[],
  others: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const classes = new Map<string, string>();
  const files = others.filter((name) => annotationName.test(name));
  if (files.length === 0) return classes;
  const known = new Set(pictures);
  await readMembers(candidate, {
    wants: (name) => files.includes(name),
    maxMemberBytes: maxTableBytes,
    async visit(file, bytes) {
      const origin: Origin = { name: `${candidate.label}: ${file}`, code: 'DATASET_MALFORMED' };
      const lines = new TextDecoder().decode(bytes).split(/\r?\n/);
      for (const [at, line] of lines.entries()) {
        if (line.trim() === '') continue;
        const [picture = '', className = ''] = line.split('\t');
        const paths = [`${folderOf(file)}/images/${picture}`, `${folderOf(file)}/${picture}`].map((one) =>
          one.replace(/^\//, ''),
        );
        const found = paths.find((one) => known.has(one));
        if (found === undefined || className === '')
          malformed(origin, `line ${at + 1} names no picture and class: ${JSON.stringify(line.slice(0, 100))}`);
        else classes.set(found, className);
      }
    },
  });
  return classes;
}
