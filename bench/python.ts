/** Creates virtual environments with other frameworks in the cache folder, once. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

function run(command: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`${command} ${args.join(' ')} ended with ${code}`)),
    );
  });
}

/** Path of the Python interpreter of an environment with these packages. */
async function pythonWith(name: string, packages: readonly string[]): Promise<string> {
  const cache =
    process.env.GRADINIT_CACHE_DIR ??
    path.join(process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'gradinit-service');
  const folder = path.join(cache, name);
  const python = path.join(folder, 'bin/python');
  if (existsSync(path.join(folder, 'complete'))) return python;
  mkdirSync(cache, { recursive: true });
  console.error(`installing ${packages.join(', ')} into the cache folder; this is done once and takes some minutes`);
  await run('python3', ['-m', 'venv', folder]);
  await run(python, ['-m', 'pip', 'install', '--quiet', ...packages]);
  writeFileSync(path.join(folder, 'complete'), '');
  return python;
}

export const pythonWithTorch = () => pythonWith('pytorch', ['torch', 'numpy']);
export const pythonWithJax = () => pythonWith('jax', ['jax', 'numpy']);
