/** The memory of other processes, and the limit for a run. */
import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';

/** Share of the memory of the machine or container that runs may use; the rest is for the worker process and the system. */
const shareOfRuns = 0.9;

/** Resident bytes of a process; null when it has ended. */
export function residentBytes(pid: number): number | null {
  try {
    const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kibibytes === undefined ? null : Number(kibibytes) * 1024;
  } catch {
    return null;
  }
}

/** Bytes of memory of the machine, or the limit of the container where it is lower. */
export function usableMemoryBytes(): number {
  const limit = process.constrainedMemory();
  return limit > 0 && limit < totalmem() ? limit : totalmem();
}

/** Limit of the resident bytes of the process of one run, when each device runs one. @param configuredBytes 0: a share of the usable memory */
export const runMemoryBytes = (configuredBytes: number, devices: number): number =>
  configuredBytes > 0 ? configuredBytes : Math.floor((usableMemoryBytes() * shareOfRuns) / Math.max(1, devices));
