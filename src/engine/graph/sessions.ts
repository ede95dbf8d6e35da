/**
 * TensorFlow sessions by what they compute. Two steps of the same network, shapes and options record the same graph, byte for byte, and share a session:
 * optimising a graph takes TensorFlow longer than recording it. A session that no step uses is kept for the next one, the small ones and a few of them.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
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

/** Loads the bytes of a SavedModel; the folder is gone when the call returns. */
function load(bytes: Uint8Array): number {
  const folder = mkdtempSync(path.join(tmpdir(), 'gradinit-graph-'));
  try {
    writeFileSync(path.join(folder, 'saved_model.pb'), bytes);
    return tensorFlowBackend().loadSavedModelMetaGraph(folder, savedModelTag);
  } finally {
    rmSync(folder, { recursive: true, force: true });
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
