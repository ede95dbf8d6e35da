import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../src/errors.ts';
import { guarded, withoutCommand } from '../../src/queue/redis-errors.ts';

const reply = (message: string) => Object.assign(new Error(message), { name: 'ReplyError' });

const failures: readonly (readonly [Error, string, RegExp])[] = [
  [new Error('Connection is closed.'), 'QUEUE_UNAVAILABLE', /cannot be reached/],
  [Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }), 'QUEUE_UNAVAILABLE', /cannot be reached/],
  [reply("READONLY You can't write against a read only replica."), 'QUEUE_UNAVAILABLE', /no primary/],
  [reply('ERR Error running script (call to f_1): @user_script:1: -READONLY You'), 'QUEUE_UNAVAILABLE', /no primary/],
  [reply('UNBLOCKED force unblock from blocking operation'), 'QUEUE_UNAVAILABLE', /no primary/],
  [reply("OOM command not allowed when used memory > 'maxmemory'."), 'QUEUE_UNAVAILABLE', /full/],
  [reply('MISCONF Redis is configured to save'), 'QUEUE_UNAVAILABLE', /refuses writes/],
  [reply('LOADING Redis is loading the dataset in memory'), 'QUEUE_UNAVAILABLE', /loading/],
  [reply('CLUSTERDOWN Hash slot not served'), 'QUEUE_UNAVAILABLE', /cluster/],
  [reply('MOVED 8 127.0.0.1:7000'), 'QUEUE_UNAVAILABLE', /redis\+cluster:\/\//],
  [reply('WRONGPASS invalid username-password pair'), 'QUEUE_UNAVAILABLE', /password of REDIS_URL/],
  [reply('WRONGTYPE Operation against a key'), 'INTERNAL', /WRONGTYPE/],
  [reply('ERR wrong number of arguments'), 'INTERNAL', /arguments/],
  [new TypeError('x is not a function'), 'INTERNAL', /not a function/],
  [new SyntaxError('Unexpected token'), 'INTERNAL', /token/],
  [new AppError('JOB_STATE', 'as it is'), 'JOB_STATE', /as it is/],
];

for (const [error, code, message] of failures)
  test(`${error.name}: ${error.message} is ${code}`, () =>
    assert.rejects(
      guarded(() => Promise.reject(error)),
      (thrown: AppError) => thrown.code === code && message.test(thrown.message),
    ));

test('the commands of errors are taken off, those of nested errors too', () => {
  const auth = () => Object.assign(reply('WRONGPASS'), { command: { name: 'auth', args: ['secret'] } });
  const error = Object.assign(new Error('all failed', { cause: auth() }), {
    lastNodeError: auth(),
    previousErrors: [auth()],
  });
  assert.ok(JSON.stringify([auth()]).includes('secret'));
  const clean = withoutCommand(error);
  assert.ok(!JSON.stringify([clean, clean.cause, clean.lastNodeError, clean.previousErrors]).includes('secret'));
});
