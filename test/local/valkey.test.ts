/** A server that is started is the server that answers, whoever else listens on its port. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { startValkey } from '../../src/local/valkey.ts';
import { atEnd } from '../support/at-end.ts';
import { temporaryFolder } from '../support/temporary.ts';

const folder = path.join(await temporaryFolder(), 'first');
const first = await startValkey({ folder });
atEnd(() => first.stop('SIGKILL'));

test('a port on which another server answers is refused, not taken for the own server', async () => {
  await assert.rejects(startValkey({ folder: path.join(folder, 'second'), port: first.port }), {
    code: 'QUEUE_UNAVAILABLE',
    message: /did not start on port \d+: .*Failed listening/,
  });
});

test('a server that wants a password is there when it accepts connections', async () => {
  const server = await startValkey({ folder: path.join(folder, 'third'), settings: ['--requirepass', 'secret'] });
  assert.notEqual(server.port, first.port);
  await server.stop('SIGKILL');
  await assert.rejects(startValkey({ folder, port: first.port, settings: ['--requirepass', 'secret'] }), {
    code: 'QUEUE_UNAVAILABLE',
  });
});
