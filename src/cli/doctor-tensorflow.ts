/** Loads TensorFlow in a child process and reads its log: versions, devices, missing libraries. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Value } from 'typebox/value';
import { expectedConvolution, type ProbeResult, probeResultSchema } from './doctor-probe.ts';

const timeoutMs = 120_000;

/** A GPU in TensorFlow's log. */
export interface GpuDevice {
  name: string;
  memoryMiB: number;
  computeCapability: string;
}

export type TensorflowReport =
  | { works: true; result: ProbeResult; gpus: GpuDevice[]; log: string }
  | { works: false; reason: string; fix: string };

interface ChildEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** The state of TensorFlow in a child process. Never throws: a crash of the child is part of the report. */
export async function examineTensorflow(env: NodeJS.ProcessEnv): Promise<TensorflowReport> {
  // The file extension of this module: .ts when run from source, .js in a build.
  const probe = fileURLToPath(new URL(`./doctor-probe${path.extname(import.meta.url)}`, import.meta.url));
  // At its default log level TensorFlow logs its devices and the libraries that it could not load.
  const child = await runNode([...process.execArgv, probe], {
    ...env,
    TF_CPP_MIN_LOG_LEVEL: '0',
    TF_CPP_VMODULE: 'dso_loader=1',
  });
  const result = parseResult(child.stdout);
  if (child.code !== 0 || result === null) return { works: false, ...explainFailure(child) };
  if (result.convolution !== expectedConvolution) {
    const reason = `a convolution gave ${result.convolution} instead of ${expectedConvolution}`;
    return { works: false, reason, fix: 'Delete the cache folder and run `npm run setup` again.' };
  }
  return { works: true, result, gpus: parseGpus(child.stderr), log: child.stderr };
}

function runNode(args: readonly string[], env: NodeJS.ProcessEnv): Promise<ChildEnd> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', (error) => resolve({ code: null, signal: null, stdout, stderr: error.message }));
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

function parseResult(stdout: string): ProbeResult | null {
  try {
    const result: unknown = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
    return Value.Check(probeResultSchema, result) ? result : null;
  } catch {
    return null;
  }
}

/** The devices of lines like `Created device .../device:GPU:0 with 76000 MB memory:  -> device: 0, name: X, pci bus id: B, compute capability: 9.0`. */
export function parseGpus(log: string): GpuDevice[] {
  const pattern =
    /Created device \S*GPU:\d+ with (\d+) MB memory:\s*-> device: \d+, name: (.+?), pci bus id: [^,]+, compute capability: ([\d.]+)/g;
  return [...log.matchAll(pattern)].map(([, memory, name = '', computeCapability = '']) => ({
    name,
    memoryMiB: Number(memory),
    computeCapability,
  }));
}

/** The names in TensorFlow's `Could not load dynamic library 'NAME'`. */
export function parseMissingLibraries(log: string): string[] {
  return [...new Set([...log.matchAll(/Could not load dynamic library '([^']+)'/g)].map(([, name = '']) => name))];
}

/** The reason for a failed probe, and how to fix it. */
export function explainFailure({ code, signal, stderr }: Omit<ChildEnd, 'stdout'>): { reason: string; fix: string } {
  const setup = 'Run `npm run setup`.';
  if (signal === 'SIGILL') {
    return {
      reason: 'the CPU lacks instructions that TensorFlow needs',
      fix: 'Use a machine with AVX (see `grep -c avx /proc/cpuinfo`).',
    };
  }
  if (signal !== null) {
    return {
      reason: `loading TensorFlow ended with ${signal}`,
      fix: 'Delete the cache folder and run `npm run setup` again; check free memory.',
    };
  }
  if (/tfjs_binding\.node\) can not be found|Cannot find module '@tensorflow/.test(stderr)) {
    return { reason: 'the TensorFlow binding is not installed', fix: setup };
  }
  const library = /(\S+\.so[.\d]*): cannot open shared object file/.exec(stderr)?.[1];
  if (library !== undefined) return { reason: `the library ${library} is missing`, fix: setup };
  const message = /^(?:\w*Error(?: \[\w+\])?): (.+)$/m.exec(stderr)?.[1] ?? `the probe ended with code ${code}`;
  return { reason: message, fix: 'Delete the cache folder and run `npm run setup` again.' };
}
