/**
 * A thread that ends its process when the parent process has died. It also runs while the main thread is blocked inside TensorFlow, where neither
 * signals nor 'disconnect' are handled. It is plain JavaScript, because a thread without loaders starts at once.
 */
import { workerData } from 'node:worker_threads';

const { parent, intervalMs } = workerData;

setInterval(() => {
  // SIGKILL is used because an orderly exit would wait for the blocked thread.
  if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL');
}, intervalMs);
