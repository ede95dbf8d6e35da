import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { clientTypes, clientTypesFile } from '../../scripts/client/client-types.ts';
import { pythonTypes, pythonTypesFile } from '../../scripts/client/python-types.ts';
import { projectRoot } from '../../scripts/setup/paths.mjs';

for (const [file, write] of [
  [clientTypesFile, clientTypes],
  [pythonTypesFile, pythonTypes],
] as const)
  test(`${file} is what the OpenAPI document says (npm run client:types)`, async () => {
    assert.equal(readFileSync(path.join(projectRoot, file), 'utf8'), await write());
  });
