import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run as key } from '../../src/cli/key.ts';
import { findKey, parseApiKeys } from '../../src/http/api-keys.ts';

async function output(args: readonly string[], t: { mock: { method: typeof test.mock.method } }): Promise<string> {
  const lines: string[] = [];
  t.mock.method(console, 'log', (line: string) => void lines.push(line));
  assert.equal(await key(args), 0);
  return lines.join('\n');
}

test('a new key is a token and the entry that admits it', async (t) => {
  const { token, entry } = JSON.parse(await output(['--name', 'ci', '--scope', 'jobs:read', '--json'], t));
  assert.deepEqual([...(findKey(parseApiKeys([entry]), token)?.scopes ?? [])], ['jobs:read']);
});

test('two keys differ', async (t) => {
  assert.notEqual(await output(['--name', 'a'], t), await output(['--name', 'a'], t));
});

test('a key needs a name and scopes that exist', async () => {
  await assert.rejects(key([]), { code: 'USAGE', message: /--name/ });
  await assert.rejects(key(['--name', 'a b']), { code: 'USAGE' });
  await assert.rejects(key(['--name', 'a', '--scope', 'root']), { code: 'USAGE', message: /"root"/ });
});
