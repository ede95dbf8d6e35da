/** gradinit doctor: reports the device on which jobs run, what is missing, and how to fix it. */
import { cpus } from 'node:os';
import { usableMemoryBytes } from '../../workers/memory.ts';
import { usableCores } from '../cores.ts';
import { parseFlags } from './args.ts';
import { type Finding, judgeDevice } from './doctor-device.ts';
import { findProjectRoot, listDriverGpus, readSetupStamp, type SetupStamp, valkeyVersion } from './doctor-machine.ts';
import { examineTensorflow, type TensorflowReport } from './doctor-tensorflow.ts';

export const usage = `gradinit doctor [--json] [--verbose]

Says what runs where: Node, TensorFlow and its binding, devices, threads, Valkey, paths.
  --json     one JSON document
  --verbose  also what TensorFlow itself says while it loads
Exit code 1 when a job could not run on this machine, else 0.`;

type Check = Finding & { name: string };

/**
 * @param args the flags after `doctor`
 * @returns the exit code: 1 when jobs cannot run
 * @throws USAGE for unknown flags
 */
export async function run(args: readonly string[]): Promise<number> {
  const flags = parseFlags(args, { json: { type: 'boolean' }, verbose: { type: 'boolean' } }, usage);
  if (flags === null) return 0;

  const root = findProjectRoot();
  const [stamp, tensorflow, driverGpus] = await Promise.all([
    readSetupStamp(root),
    examineTensorflow(process.env),
    listDriverGpus(),
  ]);
  const checks: Check[] = [
    { name: 'node', ...checkNode() },
    { name: 'setup', ...checkStamp(stamp) },
    { name: 'tensorflow', ...checkTensorflow(tensorflow, stamp) },
  ];
  if (tensorflow.works) {
    const facts = {
      tensorflow,
      driverGpus,
      variant: stamp?.tensorflow.variant ?? null,
      visibleDevices: process.env.CUDA_VISIBLE_DEVICES,
    };
    checks.push({ name: 'device', ...judgeDevice(facts) });
  }
  checks.push({ name: 'valkey', ...(await checkValkey(stamp)) });

  const ok = checks.every((check) => check.status !== 'failed');
  const report = { ok, checks, ...describe(root, stamp, tensorflow), driverGpus };
  if (flags.values.json) console.log(JSON.stringify(report, null, 2));
  else printReport(report);
  if (flags.values.verbose && tensorflow.works) process.stderr.write(tensorflow.log);
  return ok ? 0 : 1;
}

function checkNode(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const message = `${process.version} (${process.execPath})`;
  if (major > 20 || (major === 20 && minor >= 11)) return { status: 'ok', message };
  return { status: 'failed', message: `${message} is too old`, fix: 'Install Node 22.' };
}

function checkStamp(stamp: SetupStamp | null): Finding {
  if (stamp !== null)
    return { status: 'ok', message: `${stamp.tensorflow.variant} libraries, cache ${stamp.cacheRoot}` };
  return { status: 'warning', message: 'set-up has not finished in this checkout', fix: 'Run `npm run setup`.' };
}

function checkTensorflow(tensorflow: TensorflowReport, stamp: SetupStamp | null): Finding {
  if (!tensorflow.works) return { status: 'failed', message: tensorflow.reason, fix: tensorflow.fix };
  const { libtensorflow, tfjs } = tensorflow.result;
  const message = `libtensorflow ${libtensorflow} through TensorFlow.js ${tfjs}`;
  if (stamp === null || stamp.tensorflow.version === libtensorflow) return { status: 'ok', message };
  const fix = 'Look for another TensorFlow in LD_LIBRARY_PATH, or run `npm run setup`.';
  return { status: 'warning', message: `${message}, but ${stamp.tensorflow.version} was installed`, fix };
}

async function checkValkey(stamp: SetupStamp | null): Promise<Finding> {
  const version = stamp === null ? null : await valkeyVersion(stamp.valkeyServer);
  if (version !== null) return { status: 'ok', message: `valkey-server ${version} for the job queue` };
  return {
    status: 'warning',
    message: 'the embedded valkey-server does not run; single runs work, the service needs a Redis',
    fix: 'Run `npm run setup`, or set REDIS_URL to a Redis 6.2 or Valkey of your own.',
  };
}

function describe(root: string, stamp: SetupStamp | null, tensorflow: TensorflowReport) {
  return {
    node: { version: process.version, path: process.execPath },
    tensorflow: tensorflow.works
      ? {
          version: tensorflow.result.libtensorflow,
          tfjs: tensorflow.result.tfjs,
          variant: stamp?.tensorflow.variant ?? null,
        }
      : null,
    usesGpu: tensorflow.works && tensorflow.result.usesGpu,
    devices: tensorflow.works && tensorflow.result.usesGpu ? tensorflow.gpus : [{ name: cpus()[0]?.model ?? 'CPU' }],
    cpu: { cores: usableCores(), memoryBytes: usableMemoryBytes() },
    threads: tensorflow.works
      ? { intraOp: tensorflow.result.intraOpThreads, interOp: tensorflow.result.interOpThreads }
      : null,
    oneDnn: tensorflow.works ? tensorflow.result.oneDnn : null,
    paths: {
      project: root,
      cache: stamp?.cacheRoot ?? null,
      libtensorflow: stamp?.tensorflow.libDir ?? null,
      binding: stamp?.modules['tfjs_binding.node']?.file ?? null,
      valkeyServer: stamp?.valkeyServer ?? null,
    },
  };
}

function printReport({
  ok,
  checks,
  cpu,
  threads,
  oneDnn,
  devices,
  paths,
}: { ok: boolean; checks: readonly Check[] } & ReturnType<typeof describe>): void {
  const lines = checks.flatMap(({ name, status, message, fix }) => [
    `${status.padEnd(8)} ${name.padEnd(14)} ${message}`,
    ...(fix === undefined ? [] : [`${' '.repeat(24)}fix: ${fix}`]),
  ]);
  const facts: Record<string, string> = {
    device: devices.map((device) => device.name).join(', '),
    cpu: `${cpu.cores} cores, ${(cpu.memoryBytes / 2 ** 30).toFixed(1)} GiB`,
    threads:
      threads === null ? 'unknown' : `${threads.intraOp} within an operation, ${threads.interOp} between operations`,
    oneDNN: oneDnn === null ? 'unknown' : oneDnn ? 'on' : 'off (TF_ENABLE_ONEDNN_OPTS)',
    ...Object.fromEntries(Object.entries(paths).map(([name, place]) => [name, place ?? 'not installed'])),
  };
  lines.push('', ...Object.entries(facts).map(([name, value]) => `${' '.repeat(9)}${name.padEnd(14)} ${value}`));
  lines.push('', ok ? 'Jobs can run.' : 'Jobs cannot run.');
  console.log(lines.join('\n'));
}
