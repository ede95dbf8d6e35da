/**
 * One set-up at a time. The lock is a listening socket in Linux' abstract namespace: the kernel frees it when its
 * process dies, however it dies, so that no stale lock file can block the next set-up.
 */
import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * @template T
 * @param {string} name what is locked, usually an absolute path
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
