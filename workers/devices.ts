/** The devices on which this process computes; each is used by only one worker process of the machine. */
import { execFile } from 'node:child_process';
import { createServer, type Server } from 'node:net';
import { promisify } from 'node:util';
import { AppError } from '../src/errors.ts';

export interface Device {
  /** "cpu", "cpu:1" (a second worker on the CPU), "gpu:0". */
  readonly name: string;
  /** Index for CUDA_VISIBLE_DEVICES; null for the CPU. */
  readonly gpu: string | null;
}

export interface DriverGpu {
  readonly index: string;
  readonly uuid: string;
}

/** The GPUs that NVIDIA's driver lists; an empty list without a driver. */
export async function listGpus(): Promise<DriverGpu[]> {
  const query = ['--query-gpu=index,uuid', '--format=csv,noheader'];
  const output = await promisify(execFile)('nvidia-smi', query, { timeout: 20_000 }).catch(() => ({ stdout: '' }));
  return output.stdout.split('\n').flatMap((line) => {
    const [index, uuid] = line.split(',').map((part) => part.trim());
    return index !== undefined && uuid !== undefined && /^\d+$/.test(index) ? [{ index, uuid }] : [];
  });
}

/**
 * The devices that a configuration names.
 *
 * @param wanted `auto` (every GPU, or one cpu without GPUs), `cpu` (may be repeated), `gpu:INDEX`
 * @throws USAGE for any other name; BACKEND_UNAVAILABLE for a missing GPU, and for the CPU when it is not allowed
 */
export function chooseDevices(wanted: readonly string[], gpus: readonly DriverGpu[], allowCpu: boolean): Device[] {
  const auto = gpus.length > 0 ? gpus.map(({ index }) => `gpu:${index}`) : ['cpu'];
  const names = wanted.flatMap((name) => (name === 'auto' ? auto : [name]));
  const devices = names.map((name, at): Device => {
    const gpu = /^gpu:(\d+)$/.exec(name)?.[1];
    if (gpu !== undefined) {
      if (gpus.some(({ index }) => index === gpu)) return { name, gpu };
      throw new AppError(
        'BACKEND_UNAVAILABLE',
        `DEVICES names ${name}, but nvidia-smi lists ${gpus.map(({ index }) => index).join(', ') || 'no GPU'}`,
      );
    }
    if (name !== 'cpu')
      throw new AppError('USAGE', `DEVICES names ${JSON.stringify(name)}: expected auto, cpu or gpu:INDEX`);
    if (!allowCpu)
      throw new AppError(
        'BACKEND_UNAVAILABLE',
        'no GPU was found and ALLOW_CPU is false; see `npm run gradinit -- doctor`',
      );
    const earlier = names.slice(0, at).filter((other) => other === 'cpu').length;
    return { name: earlier === 0 ? 'cpu' : `cpu:${earlier}`, gpu: null };
  });
  const repeated = devices.find(({ name }, at) => devices.findIndex((other) => other.name === name) !== at);
  if (repeated) throw new AppError('USAGE', `DEVICES names ${repeated.name} twice: a GPU runs one job at a time`);
  return devices;
}

/**
 * Locks a GPU against other worker processes of the machine, by a socket in the abstract namespace, which the kernel releases whenever this process
 * ends. (Containers have separate namespaces; there the orchestrator assigns each GPU to one container.)
 *
 * @returns a function that releases the lock; null when another process holds it
 */
export function holdGpu(uuid: string): Promise<(() => void) | null> {
  return new Promise((resolve, reject) => {
    const server: Server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(null) : reject(error),
    );
    server.listen(`\0gradinit-gpu-${uuid}`, () => {
      server.unref();
      resolve(() => server.close());
    });
  });
}
