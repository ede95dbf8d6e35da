/** Both frameworks on the same networks in turn, each in a process of its own, and the ratios. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { machineLine, markdownTable, writeSection } from './docs.ts';
import { type Measurement, median } from './measure.ts';
import { type BenchNetwork, type StepName, stepNames } from './steps.ts';

const root = path.resolve(fileURLToPath(new URL('..', import.meta.url)));
const defaultNetworks = ['resnet20', 'resnet110', 'vgg19', 'vgg19-no-bn', 'resnet110-no-bn'];

export interface CompareOptions {
  readonly networks: readonly string[] | undefined;
  readonly repeats: number;
  /** How often both run in turn: the machine's mood changes within minutes. */
  readonly rounds: number;
  readonly writeDocs: boolean;
}

export interface Row {
  readonly network: BenchNetwork;
  readonly ours: readonly Measurement[];
  readonly pytorch: readonly Measurement[];
}

/** Runs a command, its standard output collected line by line as JSON, its errors shown. */
function runJsonLines(command: string, args: readonly string[]): Promise<Measurement[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code !== 0) return reject(new Error(`${command} ${args.join(' ')} ended with ${code}`));
      resolve(
        output
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line)),
      );
    });
  });
}

/** A virtual environment with PyTorch in the cache folder, made once. */
async function pythonWithTorch(): Promise<string> {
  const cache =
    process.env.GRADINIT_CACHE_DIR ??
    path.join(process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'gradinit-service');
  const folder = path.join(cache, 'pytorch');
  const python = path.join(folder, 'bin/python');
  if (existsSync(path.join(folder, 'complete'))) return python;
  mkdirSync(cache, { recursive: true });
  const run = (command: string, args: readonly string[]) =>
    new Promise<void>((resolve, reject) => {
      const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
      child.on('close', (code) =>
        code === 0 ? resolve() : reject(new Error(`${command} ${args.join(' ')} ended with ${code}`)),
      );
    });
  console.error('installing PyTorch into the cache folder; this is done once and takes some minutes');
  await run('python3', ['-m', 'venv', folder]);
  await run(python, ['-m', 'pip', 'install', '--quiet', 'torch', 'numpy']);
  writeFileSync(path.join(folder, 'complete'), '');
  return python;
}

const parseNetwork = (text: string): BenchNetwork => ({
  name: text.replace('-no-bn', ''),
  batchNorm: !text.endsWith('-no-bn'),
  batch: 128,
});
const label = ({ name, batchNorm }: BenchNetwork) => `${name}${batchNorm ? ' BN' : ''}`;

/** The median over the rounds of each step's medians; memory: the most. */
function merge(rounds: readonly (readonly Measurement[])[]): Measurement[] {
  const of = (step: StepName) => rounds.flatMap((rows) => rows.filter((row) => row.step === step));
  return stepNames.flatMap((step) => {
    const rows = of(step);
    const [first] = rows;
    if (!first) return [];
    const firstSeconds = median(rows.flatMap((row) => row.firstSeconds ?? []));
    const merged = { ...first, seconds: median(rows.map((row) => row.seconds)), firstSeconds };
    return [{ ...merged, peakGiB: Math.max(...rows.map((row) => row.peakGiB)) }];
  });
}

async function compareOne(
  python: string,
  network: BenchNetwork,
  { repeats, rounds }: Pick<CompareOptions, 'repeats' | 'rounds'>,
): Promise<Row> {
  const flags = [
    '--batch',
    String(network.batch),
    '--repeats',
    String(repeats),
    ...(network.batchNorm ? [] : ['--no-bn']),
  ];
  const baseline = [path.join(root, 'bench/pytorch_baseline.py'), network.name, ...flags];
  const bench = ['--import', 'tsx', path.join(root, 'bench/bench.ts'), '--network', network.name, '--json', ...flags];
  const pytorch: Measurement[][] = [];
  const ours: Measurement[][] = [];
  for (let round = 0; round < rounds; round += 1) {
    pytorch.push(await runJsonLines(python, baseline));
    ours.push(await runJsonLines(process.execPath, bench));
  }
  return { network, ours: merge(ours), pytorch: merge(pytorch) };
}

const secondsOf = (rows: readonly Measurement[], step: StepName) =>
  rows.find((row) => row.step === step)?.seconds ?? Number.NaN;
const peakOf = (rows: readonly Measurement[]) => Math.max(...rows.map((row) => row.peakGiB));

function cellsOf({ network, ours, pytorch }: Row): string[] {
  const steps = stepNames.map((step) => {
    const [a, b] = [secondsOf(ours, step), secondsOf(pytorch, step)];
    return `${a.toFixed(2)} / ${b.toFixed(2)} = **${(b / a).toFixed(2)}x**`;
  });
  const [a, b] = [peakOf(ours), peakOf(pytorch)];
  const first = ours.find((row) => row.step === 'constraint')?.firstSeconds ?? Number.NaN;
  return [label(network), ...steps, `${a.toFixed(2)} / ${b.toFixed(2)} = ${(a / b).toFixed(2)}x`, first.toFixed(1)];
}

const header = ['network', ...stepNames.map((step) => step.replace('_', ' ')), 'peak GiB', 'first constraint call'];

/** Runs the comparison and prints it. */
export async function compareWithPytorch(options: CompareOptions): Promise<void> {
  const python = await pythonWithTorch();
  const rows: Row[] = [];
  for (const name of options.networks ?? defaultNetworks) {
    const row = await compareOne(python, parseNetwork(name), options);
    rows.push(row);
    console.log(cellsOf(row).join('  |  '));
  }
  const table = markdownTable(header, rows.map(cellsOf));
  console.log(`\n${table}`);
  const rounds = `${options.rounds} rounds in turn, median`;
  if (options.writeDocs)
    writeSection('pytorch', `${machineLine(rows[0]?.pytorch[0]?.framework ?? '', rounds)}\n\n${table}`);
}
