/**
 * An S3 bucket for tests: that of S3_TEST_ENDPOINT (with S3_TEST_BUCKET, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY), or a moto server that is started
 * here; without either, a text with the reason to skip.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { after } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { freePort } from '../../src/local/valkey.ts';
import type { S3Options } from '../../src/storage/index.ts';
import { preparePython } from './python.ts';

const motoPackages = ['moto[s3]==5.2.5', 'flask==3.1.3', 'flask-cors==6.0.5'];

export async function prepareS3(): Promise<S3Options | string> {
  const { S3_TEST_ENDPOINT: endpoint, S3_TEST_BUCKET: bucket } = process.env;
  const prefix = `test-${randomBytes(6).toString('hex')}/`;
  if (endpoint && bucket) return { endpoint, bucket, prefix, forcePathStyle: true };
  const python = await preparePython(motoPackages);
  if (typeof python === 'string') return python;
  process.env.AWS_ACCESS_KEY_ID = 'test';
  process.env.AWS_SECRET_ACCESS_KEY = 'test';
  const port = await freePort();
  const server = spawn(python.command, ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)], {
    env: python.env,
    stdio: 'ignore',
  });
  after(() => server.kill());
  const options = { endpoint: `http://127.0.0.1:${port}`, bucket: 'gradinit-test', prefix, forcePathStyle: true };
  await createBucket(options);
  return options;
}

/** Tries again until the server has started. */
async function createBucket({ endpoint, bucket }: { endpoint: string; bucket: string }): Promise<void> {
  const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true });
  for (let attempt = 0; ; attempt++) {
    try {
      await client.send(new CreateBucketCommand({ Bucket: bucket }));
      return client.destroy();
    } catch (error) {
      if (attempt > 30) throw error;
      await sleep(500);
    }
  }
}
