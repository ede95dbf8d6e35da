import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { configTable, loadConfig } from '../../src/config/config.ts';
import { storageOptions } from '../../src/config/stores.ts';

test('an empty environment is a complete configuration for one machine', () => {
  const config = loadConfig({});
  assert.deepEqual(
    [config.host, config.port, config.redisUrl, config.dataRoot, config.apiKeys],
    ['127.0.0.1', 8080, null, null, []],
  );
  assert.deepEqual(config.devices, ['auto']);
  assert.ok(path.isAbsolute(config.stateDir));
});

test('values are read in the kind of their variable', () => {
  const config = loadConfig({
    PORT: '0',
    ALLOW_CPU: 'false',
    DEVICES: 'gpu:0, gpu:1',
    LOCK_SECONDS: '0.5',
    LOG_LEVEL: 'warn',
    REDIS_URL: '',
    DATA_ROOT: 'data',
  });
  assert.deepEqual(
    [config.port, config.allowCpu, config.lockSeconds, config.logLevel, config.redisUrl],
    [0, false, 0.5, 'warn', null],
  );
  assert.deepEqual(config.devices, ['gpu:0', 'gpu:1']);
  assert.equal(config.dataRoot, path.resolve('data'));
});

const wrong: [name: string, value: string, expected: RegExp][] = [
  ['PORT', '65536', /PORT is "65536": expected a whole number from 0 to 65535/],
  ['PORT', '80a', /PORT is "80a"/],
  ['PORT', '-1', /PORT is "-1"/],
  ['LOCK_SECONDS', '0', /LOCK_SECONDS is "0": expected a number of seconds from 0.5/],
  ['LOCK_SECONDS', 'Infinity', /LOCK_SECONDS is "Infinity"/],
  ['MAX_RUN_SECONDS', '1e3', /MAX_RUN_SECONDS is "1e3"/],
  ['ALLOW_CPU', 'maybe', /ALLOW_CPU is "maybe": expected true or false/],
  ['LOG_LEVEL', 'loud', /LOG_LEVEL is "loud": expected trace, debug/],
  ['WORKER_QUEUES', 'any,tpu', /WORKER_QUEUES is "any,tpu": expected words out of auto, any, cpu, gpu/],
  ['REDIS_URL', 'localhost:6379', /REDIS_URL must start with redis:/],
  ['ARTIFACT_STORE', 's3', /S3_BUCKET is missing/],
];
for (const [name, value, expected] of wrong) {
  test(`${name}=${value} is refused with the value and what is expected`, () => {
    assert.throws(() => loadConfig({ [name]: value }), { code: 'USAGE', message: expected });
  });
}

test('all bad variables are reported at once', () => {
  assert.throws(
    () => loadConfig({ PORT: 'x', MAX_BODY_BYTES: 'y', LOG_LEVEL: 'z' }),
    ({ message }: Error) => ['PORT', 'MAX_BODY_BYTES', 'LOG_LEVEL'].every((name) => message.includes(name)),
  );
});

test('every variable has a name of its own and a description', () => {
  const rows = configTable();
  assert.equal(new Set(rows.map(({ name }) => name)).size, rows.length);
  for (const { name, description } of rows) {
    assert.match(name, /^[A-Z][A-Z0-9_]+$/);
    assert.match(description, /\.$/, name);
  }
});

test('the s3 store gets its bucket', () => {
  const given = { ARTIFACT_STORE: 's3', S3_BUCKET: 'b' };
  const s3 = (more: object) => storageOptions(loadConfig({ ...given, ...more })).s3;
  const bucket = { bucket: 'b', region: 'us-east-1', prefix: '' };
  assert.deepEqual(s3({}), { ...bucket, forcePathStyle: false });
  const other = { S3_ENDPOINT: 'http://s3' };
  assert.deepEqual(s3(other), { ...bucket, endpoint: 'http://s3', forcePathStyle: true });
  assert.equal(s3({ ...other, S3_PATH_STYLE: 'false' })?.forcePathStyle, false);
  assert.equal(s3({ S3_PATH_STYLE: 'true' })?.forcePathStyle, true);
});
