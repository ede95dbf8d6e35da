/** Memory of other processes, and how much of it a run may take. */
import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';

/** Of the memory of the machine or the container; the rest is for the worker itself and the system. */
const shareOfRuns = 0.9;

/** Resident bytes of a process; null when it is gone. */
export function residentBytes(pid: number): number | null {
  try {
    const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kibibytes === undefined ? null : Number(kibibytes) * 1024;
  } catch {
    return null;
  }
}

/** Bytes of memory that the machine has, or the container where it has less. */
export function usableMemoryBytes(): number {
  const limit = process.constrainedMemory();
  return limit > 0 && limit < totalmem() ? limit : totalmem();
}

/** Resident bytes that the process of one run may hold, of as many as there are devices. @param configuredBytes 0: a share of what there is */
export const runMemoryBytes = (configuredBytes: number, devices: number): number =>
  configuredBytes > 0 ? configuredBytes : Math.floor((usableMemoryBytes() * shareOfRuns) / Math.max(1, devices));
