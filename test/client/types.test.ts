import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { clientTypes, clientTypesFile } from '../../scripts/client/client-types.ts';
import { projectRoot } from '../../scripts/setup/paths.mjs';

test('the types of the client are those of the OpenAPI document (npm run client:types)', async () => {
  assert.equal(readFileSync(path.join(projectRoot, clientTypesFile), 'utf8'), await clientTypes());
});
