/** Tiny wheels in a folder that serves pip as its only index: the real pip, without a network. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';

const writer = `
import sys, zipfile
path, name, version, *members = sys.argv[1:]
with zipfile.ZipFile(path, 'w') as wheel:
    for member in members:
        wheel.writestr(member, 'content of ' + member)
    info = name + '-' + version + '.dist-info/'
    wheel.writestr(info + 'METADATA', 'Metadata-Version: 2.1\\nName: ' + name + '\\nVersion: ' + version + '\\n')
    wheel.writestr(info + 'WHEEL', 'Wheel-Version: 1.0\\nRoot-Is-Purelib: false\\nTag: py3-none-any\\n')
    wheel.writestr(info + 'RECORD', '')
`;

export interface WheelIndex {
  directory: string;
  downloads: string;
  /** Makes pip see this index and nothing else. */
  env: NodeJS.ProcessEnv;
  /** Adds a wheel with the given archive members and gives its pin. */
  add(
    name: string,
    members: readonly string[],
  ): Promise<{ name: string; version: string; size: string; sha256: string }>;
}

export function hasPip(): boolean {
  try {
    execFileSync('python3', ['-m', 'pip', '--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

export async function createWheelIndex(t: TestContext): Promise<WheelIndex> {
  const directory = await mkdtemp(path.join(tmpdir(), 'gradinit-wheels-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const index = path.join(directory, 'index');
  execFileSync('mkdir', [index]);
  return {
    directory,
    downloads: path.join(directory, 'downloads'),
    env: { ...process.env, PIP_CONFIG_FILE: '/dev/null', PIP_NO_INDEX: '1', PIP_FIND_LINKS: index },
    async add(name, members) {
      const file = path.join(index, `${name}-1.0-py3-none-any.whl`);
      execFileSync('python3', ['-c', writer, file, name, '1.0', ...members]);
      const sha256 = createHash('sha256')
        .update(await readFile(file))
        .digest('hex');
      return { name, version: '1.0', size: '1 kB', sha256 };
    },
  };
}
