/** Determines the device on which jobs run, and the reason when an existing GPU is not used. */
import type { DriverGpu } from './doctor-machine.ts';
import { parseMissingLibraries, type TensorflowReport } from './doctor-tensorflow.ts';

/** The oldest major version of the driver that supports CUDA 12 (NVIDIA's compatibility table, Linux x86_64). */
const oldestDriver = 525;

const installGpu = 'TENSORFLOW_VARIANT=gpu npm run setup';

export interface Finding {
  status: 'ok' | 'warning' | 'failed';
  message: string;
  fix?: string;
}

export interface DeviceFacts {
  tensorflow: TensorflowReport & { works: true };
  driverGpus: readonly DriverGpu[];
  variant: 'cpu' | 'gpu' | null;
  /** The environment variable CUDA_VISIBLE_DEVICES. */
  visibleDevices: string | undefined;
}

/** The finding about the device. An unused GPU is a warning: jobs run, but slower than they could. */
export function judgeDevice({ tensorflow, driverGpus, variant, visibleDevices }: DeviceFacts): Finding {
  if (tensorflow.result.usesGpu) {
    const names = tensorflow.gpus.map(
      (gpu) => `${gpu.name} (${gpu.memoryMiB} MiB, compute capability ${gpu.computeCapability})`,
    );
    return {
      status: 'ok',
      message: `jobs run on the GPU: ${names.join(', ') || driverGpus.map((gpu) => gpu.name).join(', ')}`,
    };
  }
  const gpu = driverGpus[0];
  if (gpu === undefined) {
    if (variant !== 'gpu') return { status: 'ok', message: 'jobs run on the CPU; no NVIDIA GPU was found' };
    return warning(
      'the GPU libraries are installed, but nvidia-smi finds no GPU',
      `Install NVIDIA's driver ${oldestDriver} or newer; in a container give it the GPU (docker run --gpus all).`,
    );
  }
  if (variant !== 'gpu')
    return warning(`${gpu.name} is not used, the CPU libraries are installed`, `Run \`${installGpu}\`.`);
  if (Number.parseInt(gpu.driver, 10) < oldestDriver) {
    return warning(
      `driver ${gpu.driver} of ${gpu.name} is too old for CUDA 12`,
      `Install NVIDIA's driver ${oldestDriver} or newer.`,
    );
  }
  if (visibleDevices !== undefined && !/^\s*(\d|GPU-|MIG-)/.test(visibleDevices)) {
    return warning(`CUDA_VISIBLE_DEVICES="${visibleDevices}" hides ${gpu.name}`, 'Unset it, or set it to 0.');
  }
  const missing = parseMissingLibraries(tensorflow.log);
  if (missing.length > 0) {
    return warning(
      `TensorFlow could not load ${missing.join(', ')}`,
      `Delete the cache folder and run \`${installGpu}\`.`,
    );
  }
  return warning(
    `TensorFlow does not use ${gpu.name}`,
    'Look at its words: TF_CPP_MIN_LOG_LEVEL=0 npm run gradinit -- doctor --verbose',
  );
}

function warning(message: string, fix: string): Finding {
  return { status: 'warning', message: `${message}: jobs run on the CPU`, fix };
}
