/** npm run client:types: rewrites the types of both clients. test/client/types.test.ts fails when they are not up to date. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { projectRoot } from '../setup/paths.mjs';
import { clientTypes, clientTypesFile } from './client-types.ts';
import { pythonTypes, pythonTypesFile } from './python-types.ts';

for (const [file, content] of [
  [clientTypesFile, await clientTypes()],
  [pythonTypesFile, await pythonTypes()],
] as const) {
  await writeFile(path.join(projectRoot, file), content);
  console.log(`wrote ${file}`);
}
