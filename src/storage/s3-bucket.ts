/** The calls of S3 that the stores need, with its errors as AppErrors. Any compatible server can be used. */
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import type { FileDescription } from '../durable-files.ts';
import { AppError } from '../errors.ts';
import { type ByteRange, unavailable } from './blob-store.ts';
import { diskRefusal } from './disk-errors.ts';

export interface S3Server {
  /** Left out for AWS itself. */
  readonly endpoint?: string;
  readonly region?: string;
  /** `http://host/bucket/...` instead of `http://bucket.host/...`, as most servers other than AWS want it. */
  readonly forcePathStyle: boolean;
}

export interface S3Options extends S3Server {
  readonly bucket: string;
  /** Put before every object name, for example `gradinit/`. */
  readonly prefix?: string;
}

export interface ListedObject {
  /** Without the prefix of the bucket. */
  readonly name: string;
  readonly bytes: number;
  readonly modifiedAt: Date;
}

export type S3Bucket = ReturnType<typeof createS3Bucket>;

/** What one PUT can carry. */
const maxObjectBytes = 5 * 2 ** 30;

/** Up to here a file is sent from memory, which the client can repeat when the network fails; a stream it cannot. */
const maxBufferedBytes = 64 * 2 ** 20;

const connectMs = 5000;
const silenceMs = 60_000;

/** Removals under way at the same time: one request for each object, as not every server takes lists of them. */
const parallelRemovals = 8;

/** Credentials come from where the AWS tools look: environment, shared files, instance roles. */
export const createS3Client = ({ endpoint, region = 'us-east-1', forcePathStyle }: S3Server): S3Client =>
  new S3Client({
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
    forcePathStyle,
    // The SDK adds no checksum headers of its own: not every server knows them.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // A server that is away or silent must not hold a run for ever.
    requestHandler: { connectionTimeout: connectMs, socketTimeout: silenceMs },
  });

export function createS3Bucket({ bucket, prefix = '', ...server }: S3Options) {
  const client = createS3Client(server);
  const name = `bucket ${bucket}`;
  const target = (object: string) => ({ Bucket: bucket, Key: prefix + object });

  return {
    name,

    /** Uploads a file; the server checks the digest. */
    async putFile(object: string, file: string, { bytes, sha256 }: FileDescription): Promise<void> {
      if (bytes > maxObjectBytes) {
        throw new AppError('ARTIFACT_UNSUPPORTED', `${file} has ${bytes} bytes, more than the 5 GiB of one S3 object`);
      }
      const ChecksumSHA256 = Buffer.from(sha256, 'hex').toString('base64');
      await guard(name, async () => {
        const Body = bytes <= maxBufferedBytes ? await readFile(file) : createReadStream(file);
        await client.send(new PutObjectCommand({ ...target(object), Body, ContentLength: bytes, ChecksumSHA256 }));
      });
    },

    /** Writes a small text unless the object exists already: then false. */
    async putNew(object: string, text: string): Promise<boolean> {
      return guard(name, async () => {
        try {
          await client.send(new PutObjectCommand({ ...target(object), Body: text, IfNoneMatch: '*' }));
          return true;
        } catch (error) {
          // 409: another conditional write of the same object is under way, and one of the two wins.
          if (statusOf(error) === 412 || statusOf(error) === 409) return false;
          if (statusOf(error) === 501) throw unconditional(name, 'does not know');
          throw error;
        }
      });
    },

    /** Null when the object does not exist. */
    async getText(object: string): Promise<string | null> {
      return guard(name, async () => {
        try {
          const { Body } = await client.send(new GetObjectCommand(target(object)));
          return (await Body?.transformToString('utf-8')) ?? '';
        } catch (error) {
          if (statusOf(error) === 404) return null;
          throw error;
        }
      });
    },

    /** Null when the object does not exist. */
    async open(object: string, range?: ByteRange): Promise<Readable | null> {
      const Range = range && `bytes=${range.start}-${range.end}`;
      return guard(name, async () => {
        try {
          const { Body } = await client.send(new GetObjectCommand({ ...target(object), ...(Range ? { Range } : {}) }));
          return Body instanceof Readable ? Body : Readable.from([]);
        } catch (error) {
          if (statusOf(error) === 404) return null;
          throw error;
        }
      });
    },

    async exists(object: string): Promise<boolean> {
      return guard(name, async () => {
        try {
          await client.send(new HeadObjectCommand(target(object)));
          return true;
        } catch (error) {
          if (statusOf(error) === 404) return false;
          throw error;
        }
      });
    },

    async *list(folder: string): AsyncGenerator<ListedObject> {
      let token: string | undefined;
      do {
        const page = await guard(name, () =>
          client.send(
            new ListObjectsV2Command({
              Bucket: bucket,
              Prefix: prefix + folder,
              ...(token ? { ContinuationToken: token } : {}),
            }),
          ),
        );
        for (const { Key, Size = 0, LastModified = new Date() } of page.Contents ?? []) {
          if (Key !== undefined) yield { name: Key.slice(prefix.length), bytes: Size, modifiedAt: LastModified };
        }
        token = page.NextContinuationToken;
      } while (token !== undefined);
    },

    /** Objects that do not exist are ignored. */
    async remove(objects: readonly string[]): Promise<void> {
      const left = [...objects];
      const removeNext = async () => {
        for (let object = left.shift(); object !== undefined; object = left.shift())
          await client.send(new DeleteObjectCommand(target(object))).catch(unlessMissing);
      };
      await guard(name, () => Promise.all(Array.from({ length: parallelRemovals }, removeNext)));
    },

    close: () => client.destroy(),
  };
}

export const ignoredCondition = (name: string) => unconditional(name, 'ignores');

const statusOf = (error: unknown) => (error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined);

const unlessMissing = (error: unknown) => {
  if (statusOf(error) !== 404) throw error;
};

/** The message for clients, without the endpoint and without the message of the server. */
export function reasonOf(error: unknown): string {
  const status = statusOf(error);
  if (status !== undefined) return `its server answered ${status} ${error instanceof Error ? error.name : ''}`.trim();
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return `its server cannot be reached${code === '' ? '' : ` (${code})`}`;
}

const unconditional = (name: string, verb: string) =>
  new AppError(
    'STORE_UNSUITABLE',
    `the server of ${name} ${verb} the condition If-None-Match of a PUT: published weights could be overwritten. Use a server that keeps it, as AWS S3 and current versions of MinIO and Ceph do, or ARTIFACT_STORE=local`,
  );

async function guard<T>(name: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw error instanceof AppError ? error : (diskRefusal(name, error) ?? unavailable(name, reasonOf(error), error));
  }
}
