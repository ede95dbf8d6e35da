/**
 * Prevents concurrent set-ups. The lock is a listening socket in the abstract namespace of Linux, which the kernel frees whenever its process ends,
 * so that no stale lock can remain.
 */
import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * @template T
 * @param {string} name the locked object, usually an absolute path
 * @param {() => Promise<T>} work
 * @param {{ onWait?: () => void, pollMs?: number }} [options] `onWait` is called once when another process holds the lock
 * @returns {Promise<T>}
 */
export async function withLock(name, work, { onWait, pollMs = 200 } = {}) {
  const digest = createHash('sha256').update(`${process.getuid?.()}:${name}`).digest('hex');
  const address = `\0gradinit-setup-${digest.slice(0, 32)}`;

  let lock = await tryListen(address);
  if (lock === null) onWait?.();
  while (lock === null) {
    await sleep(pollMs);
    lock = await tryListen(address);
  }
  try {
    return await work();
  } finally {
    lock.close();
  }
}

/**
 * @param {string} address
 * @returns {Promise<import('node:net').Server | null>} null when another process listens there
 */
function tryListen(address) {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (/** @type {NodeJS.ErrnoException} */ error) => {
      if (error.code === 'EADDRINUSE') resolve(null);
      else reject(error);
    });
    server.listen(address, () => resolve(server));
  });
}
