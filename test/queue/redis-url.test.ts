import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redisTarget } from '../../src/queue/redis-url.ts';

const plain = { tls: false };
const prefix = '{gradinit}';

const read = {
  'redis://localhost': { kind: 'server', address: { host: 'localhost', port: 6379 }, db: 0, ...plain },
  'rediss://h.example:7000/3': { kind: 'server', address: { host: 'h.example', port: 7000 }, db: 3, tls: true },
  'redis://[::1]:7000/': { kind: 'server', address: { host: '::1', port: 7000 }, db: 0, ...plain },
  'redis://ann:secret@h': {
    kind: 'server',
    address: { host: 'h', port: 6379 },
    db: 0,
    ...plain,
    username: 'ann',
    password: 'secret',
  },
  'redis://:p#s/?@:%25%40%20x@h:1/2': {
    kind: 'server',
    address: { host: 'h', port: 1 },
    db: 2,
    ...plain,
    password: 'p#s/?@:%@ x',
  },
  'unix:///run/valkey.sock': { kind: 'socket', path: '/run/valkey.sock', db: 0, ...plain },
  'unix://:secret@/run/valkey.sock?db=2': {
    kind: 'socket',
    path: '/run/valkey.sock',
    db: 2,
    ...plain,
    password: 'secret',
  },
  'redis+sentinel://a,b:7001,[::1]:7002/mymaster': {
    kind: 'sentinel',
    sentinels: [
      { host: 'a', port: 26379 },
      { host: 'b', port: 7001 },
      { host: '::1', port: 7002 },
    ],
    name: 'mymaster',
    db: 0,
    sentinelCredentials: {},
    ...plain,
  },
  'rediss+sentinel://ann:p#1@a/my%20primary/4?sentinelUsername=bob&sentinelPassword=x%40y%3D': {
    kind: 'sentinel',
    sentinels: [{ host: 'a', port: 26379 }],
    name: 'my primary',
    db: 4,
    sentinelCredentials: { username: 'bob', password: 'x@y=' },
    tls: true,
    username: 'ann',
    password: 'p#1',
  },
  'redis+cluster://:p/1@a:7000,b': {
    kind: 'cluster',
    nodes: [
      { host: 'a', port: 7000 },
      { host: 'b', port: 6379 },
    ],
    ...plain,
    password: 'p/1',
  },
} as const;

for (const [url, target] of Object.entries(read))
  test(`REDIS_URL ${url}`, () => assert.deepEqual(redisTarget(url, prefix), target));

/** Every one holds the password. */
const refused = {
  'http://:hunter2@h': /must start with redis:\/\//,
  'redis://:hunter2': /does not name a host|port/,
  'redis://:hunter2@': /does not name a host/,
  'redis://:hunter2@h:99999': /ports are 1 to 65535/,
  'redis://:hunter2@h:x': /does not name a host/,
  'redis://:hunter2%@h': /password .* %25/,
  'redis://:hunter2@h/x': /database/,
  'redis://:hunter2@h/0#x': /database/,
  'redis://:hunter2@h/0?family=6': /parameter/,
  'redis://:hunter2@a,b': /several hosts/,
  'redis+sentinel://:hunter2@a:1': /name of the primary/,
  'redis+sentinel://h/n?sentinelPassword=hunter2@x': /@ behind the host/,
  'redis+sentinel://a/n?password=hunter2': /sentinelUsername, sentinelPassword/,
  'redis+cluster://:hunter2@a/3': /number 0 only/,
  'unix://:hunter2@run/x': /path of a socket/,
} as const;

for (const [url, message] of Object.entries(refused))
  test(`REDIS_URL ${url} is refused and not repeated`, () =>
    assert.throws(
      () => redisTarget(url, prefix),
      (error: Error & { code?: string }) =>
        error.code === 'USAGE' && message.test(error.message) && !error.message.includes('hunter2'),
    ));

test('a cluster needs a prefix that keeps all keys in one slot', () => {
  assert.throws(() => redisTarget('redis+cluster://h', 'gradinit'), /QUEUE_PREFIX, "gradinit", needs a part in braces/);
});
