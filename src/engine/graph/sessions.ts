/**
 * TensorFlow sessions by the graph that they run. Two steps of the same network, shapes and options record byte-identical graphs and share a session,
 * because TensorFlow takes longer to optimise a graph than this project to record it. Sessions without a user are kept for later steps up to a limit
 * of bytes.
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
  /** Id of the saved model in the binding. */
  readonly id: number;
  readonly digest: string;
}

interface Held extends Session {
  readonly bytes: number;
  users: number;
}

/** Most bytes of the graphs of all sessions without a user. The graph of ResNet-110 has about 5 MiB and takes many times that memory when loaded. */
const maxIdleBytes = 16 * 2 ** 20;

/** Ordered by the time of their last release. */
const held = new Map<string, Held>();

/** A temporary name with this process in it: when the process is killed while TensorFlow reads a graph, the sweep of temporary folders removes the files. */
const graphFolder = await temporaryPath(tmpdir());

/** @throws STORE_UNAVAILABLE when the disk is full or not writable */
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

/** Loads the bytes of a SavedModel; the folder is removed before the call returns. */
function load(bytes: Uint8Array): number {
  try {
    write(bytes);
    return tensorFlowBackend().loadSavedModelMetaGraph(graphFolder, savedModelTag);
  } finally {
    rmSync(graphFolder, { recursive: true, force: true });
  }
}

/** The session that computes the graph in `bytes`. Each call must be followed by one call of releaseSession. */
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

/** Ends one use of a session, which stays loaded while the limit of bytes allows it. */
export function releaseSession({ digest }: Session): void {
  const session = held.get(digest);
  if (!session) return;
  session.users -= 1;
  held.delete(digest);
  held.set(digest, session);
  trimIdleSessions(maxIdleBytes);
}

/** Frees sessions without users, least recently used first, until the remaining ones have at most `maxBytes`. */
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
