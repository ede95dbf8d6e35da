/** A virtual environment with PyTorch in the cache folder, made once. */
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

/** Path of its Python. */
export async function pythonWithTorch(): Promise<string> {
  const cache =
    process.env.GRADINIT_CACHE_DIR ??
    path.join(process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'gradinit-service');
  const folder = path.join(cache, 'pytorch');
  const python = path.join(folder, 'bin/python');
  if (existsSync(path.join(folder, 'complete'))) return python;
  mkdirSync(cache, { recursive: true });
  console.error('installing PyTorch into the cache folder; this is done once and takes some minutes');
  await run('python3', ['-m', 'venv', folder]);
  await run(python, ['-m', 'pip', 'install', '--quiet', 'torch', 'numpy']);
  writeFileSync(path.join(folder, 'complete'), '');
  return python;
}
