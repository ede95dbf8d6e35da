/**
 * A thread that ends its process when the parent is gone. It runs while the main thread is blocked inside TensorFlow, where neither signals nor
 * 'disconnect' are heard. Plain JavaScript: a thread without loaders starts at once.
 */
import { workerData } from 'node:worker_threads';

const { parent, intervalMs } = workerData;

setInterval(() => {
  // SIGKILL: an exit would wait for the blocked thread.
  if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL');
}, intervalMs);
