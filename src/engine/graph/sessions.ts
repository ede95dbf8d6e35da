/**
 * TensorFlow sessions by what they compute. Two steps of the same network, shapes and options record the same graph, byte for byte, and share a session:
 * optimising a graph takes TensorFlow longer than recording it. A session that no step uses is kept for the next one, the small ones and a few of them.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { temporaryPath } from '../../durable-files.ts';
import { AppError } from '../../errors.ts';
import { tensorFlowBackend } from './binding.ts';
import { savedModelTag } from './saved-model.ts';

export interface Session {
  /** Of the binding's saved model. */
  readonly id: number;
  readonly digest: string;
}

interface Held extends Session {
  readonly bytes: number;
  users: number;
}

/** Bytes of the graphs of all sessions that wait for a user; that of ResNet-110 has about 5 MiB, and takes many times that once loaded. */
const maxIdleBytes = 16 * 2 ** 20;

/** In the order in which they were last released. */
const held = new Map<string, Held>();

/** Named after this process: when it is killed while TensorFlow reads a graph, the sweep of temporary folders finds what it left. */
const graphFolder = await temporaryPath(tmpdir());

/** @throws STORE_UNAVAILABLE when the disk does not take the bytes */
function write(bytes: Uint8Array): void {
  try {
    mkdirSync(graphFolder);
    writeFileSync(path.join(graphFolder, 'saved_model.pb'), bytes);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : cause;
    const message = `the folder for temporary files of this process takes no graph of ${bytes.byteLength} bytes (${code})`;
    throw new AppError('STORE_UNAVAILABLE', message, { cause, permanent: false });
  }
}

/** Loads the bytes of a SavedModel; the folder is gone when the call returns. */
function load(bytes: Uint8Array): number {
  try {
    write(bytes);
    return tensorFlowBackend().loadSavedModelMetaGraph(graphFolder, savedModelTag);
  } finally {
    rmSync(graphFolder, { recursive: true, force: true });
  }
}

/** The session that computes the graph in `bytes`; every call is matched by one of releaseSession. */
export function acquireSession(bytes: Uint8Array): Session {
  const digest = createHash('sha256').update(bytes).digest('hex');
  let session = held.get(digest);
  if (!session) {
    session = { id: load(bytes), digest, bytes: bytes.byteLength, users: 0 };
    held.set(digest, session);
  }
  session.users += 1;
  return session;
}

export function releaseSession({ digest }: Session): void {
  const session = held.get(digest);
  if (!session) return;
  session.users -= 1;
  held.delete(digest);
  held.set(digest, session);
  trimIdleSessions(maxIdleBytes);
}

/** Frees sessions without users, the longest unused first, until those that are left have no more than so many bytes. */
export function trimIdleSessions(maxBytes = 0): void {
  const idle = [...held.values()].filter(({ users }) => users === 0);
  let bytes = idle.reduce((sum, session) => sum + session.bytes, 0);
  for (const session of idle) {
    if (bytes <= maxBytes) return;
    held.delete(session.digest);
    tensorFlowBackend().deleteSavedModel(session.id);
    bytes -= session.bytes;
  }
}
