/** Examines the machine except TensorFlow: NVIDIA's driver, the last set-up, Valkey. */
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

/** The record of `npm run setup` in node_modules. */
export type SetupStamp = Static<typeof setupStampSchema>;

/** A GPU that NVIDIA's driver reports. */
export interface DriverGpu {
  name: string;
  driver: string;
  memory: string;
}

/** The folder of package.json, both for the sources and for a build in dist. */
export function findProjectRoot(): string {
  let directory = path.dirname(fileURLToPath(import.meta.url));
  while (!existsSync(path.join(directory, 'package.json')) && directory !== path.dirname(directory))
    directory = path.dirname(directory);
  return directory;
}

/** The record of the last set-up; null before the first one. */
export async function readSetupStamp(root: string): Promise<SetupStamp | null> {
  try {
    const stamp: unknown = JSON.parse(await readFile(path.join(root, 'node_modules', '.gradinit-setup.json'), 'utf8'));
    return Value.Check(setupStampSchema, stamp) ? stamp : null;
  } catch {
    return null;
  }
}

/** The GPUs of NVIDIA's driver; an empty list without a driver. */
export async function listDriverGpus(): Promise<DriverGpu[]> {
  const output = await ask('nvidia-smi', ['--query-gpu=name,driver_version,memory.total', '--format=csv,noheader']);
  return parseDriverGpus(output ?? '');
}

/** Parses lines of `NAME, DRIVER, MEMORY`; other lines, such as error texts of nvidia-smi, are ignored. */
export function parseDriverGpus(output: string): DriverGpu[] {
  return output.split('\n').flatMap((line) => {
    const [name, driver, memory, ...rest] = line.split(', ');
    return name && driver && memory && rest.length === 0 ? [{ name, driver, memory }] : [];
  });
}

/** The version of the Valkey binary; null when it cannot be run. */
export async function valkeyVersion(file: string): Promise<string | null> {
  const output = await ask(file, ['--version']);
  return /v=(\S+)/.exec(output ?? '')?.[1] ?? null;
}

function ask(command: string, args: readonly string[]): Promise<string | null> {
  return new Promise((resolve) => {
    execFile(command, args, { timeout: 20_000 }, (error, stdout) => resolve(error === null ? stdout.trim() : null));
  });
}
