/** Extracts blocks of code from README.md. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { projectRoot } from '../../scripts/setup/paths.mjs';

/** The first block in a language below a heading of the third level, with the address of the service replaced. */
export function readmeBlock(heading: string, language: string, url: string): string {
  const text = readFileSync(path.join(projectRoot, 'README.md'), 'utf8');
  const [, section] = text.split(`\n### ${heading}\n`);
  const found = new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(section?.split('\n##')[0] ?? '');
  if (found?.[1] === undefined) throw new Error(`README.md has no ${language} below "${heading}"`);
  return found[1].replaceAll('http://127.0.0.1:8080', url);
}
