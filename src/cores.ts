/** The number of cores that this process may use: CPU affinity, and the quota of its control group, which Node 20 does not consider. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';

/** Mount points of the proc and cgroup file systems; tests use other folders. */
export interface Mounts {
  readonly proc: string;
  readonly cgroup: string;
}
const mounts: Mounts = { proc: '/proc', cgroup: '/sys/fs/cgroup' };

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return null;
  }
}

/** Cores by `cpu.max` (version 2) or the `cpu.cfs_` files (version 1) in one folder; infinite without a quota. */
function quotaIn(folder: string): number {
  const [quota, period] = read(path.join(folder, 'cpu.max'))?.split(' ') ?? [
    read(path.join(folder, 'cpu.cfs_quota_us')),
    read(path.join(folder, 'cpu.cfs_period_us')),
  ];
  const cores = Number(quota) / Number(period);
  return quota !== null && cores > 0 ? cores : Number.POSITIVE_INFINITY;
}

/** The smallest quota of a group and all its ancestors, each of which may have one. */
function quotaFrom(root: string, group: string): number {
  const quotas = [quotaIn(root)];
  for (let folder = path.join(root, group); folder.length > root.length; folder = path.dirname(folder))
    quotas.push(quotaIn(folder));
  return Math.min(...quotas);
}

/** Cores that control groups allow, fractions included; infinite where there is no limit. */
export function cgroupCores({ proc, cgroup }: Mounts = mounts): number {
  const lines = read(path.join(proc, 'self/cgroup'))?.split('\n') ?? [];
  const quotas = lines.map((line) => {
    const [, controllers = '', group = '/'] = line.split(':');
    if (controllers === '') return quotaFrom(cgroup, group);
    return controllers.split(',').includes('cpu') ? quotaFrom(path.join(cgroup, 'cpu'), group) : Infinity;
  });
  return Math.min(Number.POSITIVE_INFINITY, ...quotas);
}

/** Whole cores, at least one. A quota of 1.5 cores gives 2, because a thread that is throttled at times costs less than an idle core. */
export const usableCores = (): number => Math.max(1, Math.min(availableParallelism(), Math.ceil(cgroupCores())));
