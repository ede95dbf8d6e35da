/** What the machine offers besides TensorFlow: NVIDIA's driver, the last set-up, Valkey. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';

const setupStampSchema = Type.Object({
  cacheRoot: Type.String(),
  tensorflow: Type.Object({
    variant: Type.Union([Type.Literal('cpu'), Type.Literal('gpu')]),
    version: Type.String(),
    libDir: Type.String(),
  }),
  modules: Type.Record(Type.String(), Type.Object({ file: Type.String() })),
  valkeyServer: Type.String(),
});

/** What `npm run setup` left in node_modules. */
export type SetupStamp = Static<typeof setupStampSchema>;

/** A GPU as NVIDIA's driver sees it. */
export interface DriverGpu {
  name: string;
  driver: string;
  memory: string;
}

/** The folder of package.json, from the sources as well as from a build below dist. */
export function findProjectRoot(): string {
  let directory = path.dirname(fileURLToPath(import.meta.url));
  while (!existsSync(path.join(directory, 'package.json')) && directory !== path.dirname(directory))
    directory = path.dirname(directory);
  return directory;
}

/** Null before the first set-up. */
export async function readSetupStamp(root: string): Promise<SetupStamp | null> {
  try {
    const stamp: unknown = JSON.parse(await readFile(path.join(root, 'node_modules', '.gradinit-setup.json'), 'utf8'));
    return Value.Check(setupStampSchema, stamp) ? stamp : null;
  } catch {
    return null;
  }
}

/** No driver, no GPU: an empty list. */
export async function listDriverGpus(): Promise<DriverGpu[]> {
  const output = await ask('nvidia-smi', ['--query-gpu=name,driver_version,memory.total', '--format=csv,noheader']);
  return parseDriverGpus(output ?? '');
}

/** Lines of `NAME, DRIVER, MEMORY`; anything else, such as an error text of nvidia-smi, is no GPU. */
export function parseDriverGpus(output: string): DriverGpu[] {
  return output.split('\n').flatMap((line) => {
    const [name, driver, memory, ...rest] = line.split(', ');
    return name && driver && memory && rest.length === 0 ? [{ name, driver, memory }] : [];
  });
}

/** Null when it does not run. */
export async function valkeyVersion(file: string): Promise<string | null> {
  const output = await ask(file, ['--version']);
  return /v=(\S+)/.exec(output ?? '')?.[1] ?? null;
}

function ask(command: string, args: readonly string[]): Promise<string | null> {
  return new Promise((resolve) => {
    execFile(command, args, { timeout: 20_000 }, (error, stdout) => resolve(error === null ? stdout.trim() : null));
  });
}
