/** npm run client:types: rewrites the client's types. test/client/types.test.ts fails when they are not up to date. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { projectRoot } from '../setup/paths.mjs';
import { clientTypes, clientTypesFile } from './client-types.ts';

await writeFile(path.join(projectRoot, clientTypesFile), await clientTypes());
console.log(`wrote ${clientTypesFile}`);
