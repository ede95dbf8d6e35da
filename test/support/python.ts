/**
 * Python with pinned packages, for tests that read written files with the libraries of users.
 *
 * Packages are installed by `pip install --target` into the cache folder (XDG_CACHE_HOME, else ~/.cache), one folder per set of packages and Python
 * version: no virtual environment is needed, the pip settings of the machine apply, and the checkout is not changed.
 */
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Packages that read weights and data files. */
export const numericPackages = ['numpy>=1.26,<3', 'safetensors==0.6.2'] as const;

export interface Python {
  readonly command: string;
  /** Environment in which the packages are importable. */
  readonly env: NodeJS.ProcessEnv;
  /** Runs a script given as text; `args` arrive as sys.argv[1:]. Returns standard output, trimmed; a non-zero exit throws with standard error. */
  run(script: string, args?: readonly string[]): Promise<string>;
}

const exists = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  );

async function version(command: string): Promise<string | null> {
  const probe = 'import sys, pip; print("%d.%d" % sys.version_info[:2])';
  return run(command, ['-c', probe]).then(
    ({ stdout }) => stdout.trim(),
    () => null,
  );
}

async function install(command: string, packages: readonly string[], folder: string): Promise<void> {
  const temporary = `${folder}.${randomBytes(4).toString('hex')}`;
  await mkdir(path.dirname(folder), { recursive: true });
  try {
    const options = [
      '--quiet',
      '--no-compile',
      '--disable-pip-version-check',
      '--only-binary=:all:',
      '--target',
      temporary,
    ];
    await run(command, ['-m', 'pip', 'install', ...options, ...packages], { maxBuffer: 2 ** 26 });
    // Another test process may have created the folder meanwhile, with the same packages.
    await rename(temporary, folder).catch(async (error) => {
      if (!(await exists(folder))) throw error;
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/**
 * Python with `packages`, which are installed on first use; on a machine without python3 and pip, a text with the reason to skip:
 *
 *   const python = await preparePython();
 *   if (typeof python === 'string') return t.skip(python);
 */
export async function preparePython(packages: readonly string[] = numericPackages): Promise<Python | string> {
  const command = process.env.PYTHON ?? 'python3';
  const found = await version(command);
  if (found === null) return `SKIPPED: ${command} with pip was not found, so nothing was read back by Python`;
  const cache = process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache');
  const key = createHash('sha256')
    .update([found, ...packages].join('\n'))
    .digest('hex')
    .slice(0, 12);
  const folder = path.join(cache, 'gradinit-service', `python-${found}-${key}`);
  if (!(await exists(folder))) await install(command, packages, folder);
  const env = { ...process.env, PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: '1' };
  return {
    command,
    env,
    run: async (script, args = []) => {
      const { stdout } = await run(command, ['-c', script, ...args], { env, maxBuffer: 2 ** 28 });
      return stdout.trim();
    },
  };
}
