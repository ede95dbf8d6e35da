/** A Valkey server that outlived the process which started it. */
import { readFile, readlink, realpath } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export const pidFileOf = (folder: string): string => path.join(folder, 'valkey.pid');

/** The pid in a file may belong to another process by now, even to another server. The working directory of a server is the folder of its append-only file. */
async function isServerOf(folder: string, pid: number): Promise<boolean> {
  try {
    const [command, cwd, own] = await Promise.all([
      readFile(`/proc/${pid}/cmdline`, 'utf8'),
      readlink(`/proc/${pid}/cwd`),
      realpath(folder),
    ]);
    return command.includes('valkey-server') && cwd === own;
  } catch {
    return false;
  }
}

/** Shuts the server of a folder down in order, before another one opens its append-only file; does nothing where there is none. */
export async function endOrphan(folder: string): Promise<void> {
  const pid = Number(await readFile(pidFileOf(folder), 'utf8').catch(() => ''));
  if (!Number.isSafeInteger(pid) || pid <= 0 || !(await isServerOf(folder, pid))) return;
  process.kill(pid, 'SIGTERM');
  while (await isServerOf(folder, pid)) await sleep(50);
}
