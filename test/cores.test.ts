import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { cgroupCores, usableCores } from '../src/cores.ts';
import { temporaryFolder } from './support/temporary.ts';

const cases: readonly { title: string; group: string; files: Record<string, string>; cores: number }[] = [
  { title: 'no control groups at all', group: '', files: {}, cores: Number.POSITIVE_INFINITY },
  { title: 'version 2 without a quota', group: '0::/a', files: { 'a/cpu.max': 'max 100000' }, cores: Infinity },
  { title: 'version 2 with a quota', group: '0::/a/b', files: { 'a/b/cpu.max': '150000 100000' }, cores: 1.5 },
  {
    title: 'a smaller quota further up',
    group: '0::/a/b',
    files: { 'a/b/cpu.max': '400000 100000', 'a/cpu.max': '200000 100000' },
    cores: 2,
  },
  {
    title: 'a container that sees its own group as the root',
    group: '0::/',
    files: { 'cpu.max': '50000 100000' },
    cores: 0.5,
  },
  {
    title: 'version 1',
    group: '4:memory:/x\n3:cpu,cpuacct:/x',
    files: { 'cpu/x/cpu.cfs_quota_us': '300000', 'cpu/x/cpu.cfs_period_us': '100000' },
    cores: 3,
  },
  {
    title: 'version 1 without a quota',
    group: '3:cpu,cpuacct:/x',
    files: { 'cpu/x/cpu.cfs_quota_us': '-1', 'cpu/x/cpu.cfs_period_us': '100000' },
    cores: Infinity,
  },
  { title: 'a file that makes no sense', group: '0::/a', files: { 'a/cpu.max': 'nonsense' }, cores: Infinity },
];

for (const { title, group, files, cores } of cases) {
  test(`cores of control groups: ${title}`, async () => {
    const folder = await temporaryFolder();
    const mounts = { proc: path.join(folder, 'proc'), cgroup: path.join(folder, 'cgroup') };
    mkdirSync(path.join(mounts.proc, 'self'), { recursive: true });
    writeFileSync(path.join(mounts.proc, 'self/cgroup'), `${group}\n`);
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(mounts.cgroup, name)), { recursive: true });
      writeFileSync(path.join(mounts.cgroup, name), `${content}\n`);
    }
    assert.equal(cgroupCores(mounts), cores);
  });
}

test('a process may use at least one core, and a whole number of them', () => {
  assert.ok(Number.isInteger(usableCores()) && usableCores() >= 1);
});
