/** npm run operations:count -- FOLDER: how many .pt2 files under a folder are read, by its folders, and why the others are not. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { AppError } from '../../src/errors.ts';
import { parseModel } from '../../src/models/index.ts';
import { readModelText } from '../../src/models/model-text.ts';

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('usage: npm run operations:count -- FOLDER');

const counts = new Map<string, { files: number; read: number }>();
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.pt2'));
for (const name of files.sort()) {
  const group = path.dirname(name);
  const count = counts.get(group) ?? { files: 0, read: 0 };
  counts.set(group, count);
  count.files += 1;
  try {
    parseModel({ topology: await readModelText(path.join(folder, name)) });
    count.read += 1;
  } catch (cause) {
    if (!(cause instanceof AppError)) throw cause;
    console.log(`${name}: ${cause.code}: ${cause.message}`);
  }
}
for (const [group, { files: all, read }] of counts) console.log(`${group}: ${read} of ${all} are read`);
