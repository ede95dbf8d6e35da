/** A job's record as a Redis hash: one field for each property, as JSON; the status as it is, because scripts compare it. */

import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { Redis } from 'ioredis';
import { JobRecord } from '../contract/job-state.ts';

const zip = promisify(gzip);
const unzip = promisify(gunzip);

const properties = Object.keys(JobRecord.properties) as (keyof JobRecord)[];

/** Field, value, field, value, ... of the properties that are given. */
export function encodeFields(record: Partial<JobRecord>): string[] {
  return Object.entries(record).flatMap(([name, value]) => [
    name,
    name === 'status' ? String(value) : JSON.stringify(value),
  ]);
}

/** A flat reply of HGETALL; null when the hash does not exist. */
export function decodeRecord(reply: readonly string[] | null): JobRecord | null {
  if (reply === null || reply.length === 0) return null;
  const fields = new Map<string, string>();
  for (let at = 0; at + 1 < reply.length; at += 2) fields.set(reply[at] as string, reply[at + 1] as string);
  const entries = properties.map((name) => {
    const value = fields.get(name) ?? 'null';
    return [name, name === 'status' ? value : JSON.parse(value)];
  });
  // Only the scripts of this folder write these hashes: their shape is that of the record they were made from.
  return Object.fromEntries(entries) as JobRecord;
}

/** HGETALL as scripts answer it. */
export async function hashOf(redis: Redis, key: string): Promise<string[]> {
  return Object.entries(await redis.hgetall(key)).flat();
}

/** Below this many bytes gzip gains nothing worth its time. */
const smallBytes = 1024;

/** JSON, gzipped when that is worth it: topologies shrink to a tenth. */
export async function packJson(value: unknown): Promise<Buffer> {
  const text = Buffer.from(JSON.stringify(value));
  return text.byteLength < smallBytes ? text : zip(text, { level: 1 });
}

export async function unpackJson(bytes: Buffer): Promise<unknown> {
  // JSON cannot begin with gzip's magic number.
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return JSON.parse((isGzip ? await unzip(bytes) : bytes).toString('utf8'));
}
