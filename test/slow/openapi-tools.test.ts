/** The OpenAPI document in the tools that others feed it to: generators of clients, and schemathesis against a service of this file. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { before, test } from 'node:test';
import openapiTS, { astToString } from 'openapi-typescript';
import { openApiDocument } from '../../scripts/client/openapi-document.ts';
import { preparePython } from '../support/python.ts';
import { runningService } from '../support/service.ts';
import { temporaryFolder } from '../support/temporary.ts';

const out = await temporaryFolder();
const file = path.join(out, 'openapi.json');
const tools = await preparePython(['openapi-python-client==0.29.1', 'schemathesis==4.32.5']);
const skip = typeof tools === 'string' ? tools : false;

/** A command of the tools with what it says. */
function call(...args: readonly string[]): { status: number | null; said: string } {
  if (typeof tools === 'string') throw new Error(tools);
  const bin = path.join(String(tools.env.PYTHONPATH), 'bin');
  // The generator formats what it writes by ruff, which it looks for by its name.
  const env = { ...tools.env, PATH: [bin, process.env.PATH].join(path.delimiter) };
  const { status, stdout, stderr } = spawnSync(args[0] ?? '', args.slice(1), { cwd: out, env, encoding: 'utf8' });
  return { status, said: `${stdout}${stderr}` };
}

before(async () => writeFileSync(file, JSON.stringify(await openApiDocument())));

test('openapi-typescript writes types for every operation', async () => {
  const types = astToString(await openapiTS(new URL(`file://${file}`), { silent: true }));
  const ids = [...types.matchAll(/^ {4}(\w+): \{$/gm)].map(([, id]) => id);
  for (const id of ['createJob', 'createRecommendation', 'getComparisonReportCsv']) assert.ok(ids.includes(id), id);
});

test('openapi-python-client writes a client without a warning', { skip }, () => {
  const { status, said } = call(
    ...['openapi-python-client', 'generate', '--path', file, '--output-path', 'client', '--meta', 'none'],
    '--fail-on-warning',
  );
  assert.equal(status, 0, said);
  assert.ok(readdirSync(path.join(out, 'client', 'api', 'jobs')).includes('create_job.py'));
});

test('schemathesis, sending the examples of what is read, finds no answer that the document does not name', {
  skip,
}, async () => {
  const { url } = await runningService();
  const checks = [
    'not_a_server_error',
    'status_code_conformance',
    'content_type_conformance',
    'response_schema_conformance',
  ];
  const { status, said } = call(
    ...['schemathesis', 'run', file, '--url', url, '--phases', 'examples', '--include-method', 'GET'],
    // Streams do not end while a job runs.
    ...['--checks', checks.join(','), '--exclude-path-regex', 'events', '--seed', '1', '--no-color'],
  );
  assert.equal(status, 0, said.slice(-6000));
});
