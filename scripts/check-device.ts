/**
 * npm run check:device -- [--device gpu|cpu] [--json]: tests the product on this machine's device, in about ten minutes on a GPU.
 *
 *   doctor       TensorFlow loads and computes on the requested device
 *   gradients    every rule against finite differences; recorded against eager execution
 *   references   runs of the official code; verify on a network with convolutions
 *   methods      properties of every method: equal bytes for equal seeds, no tensor leaked
 *   faults       workers and their children killed, frozen and out of memory
 *   speed        the steps of ResNet-20 and VGG-19 compared with PyTorch on the same device
 *
 * All parts run, also after a failure. The exit code is 1 when a part failed.
 */
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { device: { type: 'string', default: 'gpu' }, json: { type: 'boolean', default: false } },
});
if (values.device !== 'gpu' && values.device !== 'cpu') throw new Error('--device must be gpu or cpu');
const environment = values.device === 'cpu' ? { ...process.env, CUDA_VISIBLE_DEVICES: '' } : process.env;

interface Part {
  readonly name: string;
  readonly args: readonly string[];
}
interface Outcome {
  readonly code: number;
  readonly seconds: number;
  readonly output: string;
}

const testsBelow = (place: string): string[] =>
  place.endsWith('.ts')
    ? [place]
    : readdirSync(place, { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.test.ts'))
        .map((file) => path.join(place, file));
const tests = (...places: readonly string[]) => ['--import', 'tsx', '--test', ...places.flatMap(testsBelow)];
const parts: readonly Part[] = [
  {
    name: 'gradients',
    args: tests('test/engine/gradients', 'test/engine/graph', 'test/engine/network', 'test/engine/ops'),
  },
  {
    name: 'references',
    args: tests('test/engine/methods/gradinit.test.ts', 'test/engine/verify', 'test/engine/search'),
  },
  { name: 'methods', args: tests('test/engine/methods/conformance.test.ts', 'test/engine/repeatability.test.ts') },
  { name: 'faults', args: tests('test/workers') },
  {
    name: 'speed',
    args: [
      ...['scripts/run.mjs', 'bench/bench.ts', '--compare', 'pytorch', '--device', values.device],
      ...['--network', 'resnet20', '--network', 'vgg19'],
    ],
  },
];

/** Runs a part; its output is shown immediately, unless the result is JSON. */
function run(args: readonly string[]): Promise<Outcome> {
  const start = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (!values.json) process.stdout.write(chunk);
    });
    child.on('error', reject);
    child.on('close', (code) =>
      resolve({ code: code ?? 1, seconds: Math.round((performance.now() - start) / 1000), output }),
    );
  });
}

/** Whether TensorFlow computes on the device, with the reason from doctor where it does not. */
async function examineDevice(): Promise<Outcome & { device: string }> {
  const outcome = await run(['scripts/run.mjs', 'src/cli.ts', 'doctor', '--json']);
  const { ok, usesGpu, devices } = JSON.parse(outcome.output) as {
    ok: boolean;
    usesGpu: boolean;
    devices: { name: string }[];
  };
  const fits = ok && usesGpu === (values.device === 'gpu');
  return { ...outcome, code: fits ? 0 : 1, device: devices.map(({ name }) => name).join(', ') };
}

const doctor = await examineDevice();
const results = [{ name: 'doctor', ...doctor }];
if (doctor.code === 0)
  for (const { name, args } of parts) results.push({ name, device: doctor.device, ...(await run(args)) });
const failed = results.filter(({ code }) => code !== 0);
if (values.json) console.log(JSON.stringify({ device: doctor.device, results }, null, 2));
else {
  console.log(`\n${doctor.device}`);
  for (const { name, code, seconds } of results)
    console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
}
process.exitCode = failed.length === 0 ? 0 : 1;
