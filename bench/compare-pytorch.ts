/** Both frameworks on the same networks in turn, each in a process of its own, and the ratios. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, homedir, totalmem } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Measurement } from './measure.ts';
import { type BenchNetwork, type StepName, stepNames } from './steps.ts';

const root = path.resolve(fileURLToPath(new URL('..', import.meta.url)));
const defaultNetworks = ['resnet20', 'resnet110', 'vgg19', 'vgg19-no-bn', 'resnet110-no-bn'];

export interface CompareOptions {
  readonly networks: readonly string[] | undefined;
  readonly repeats: number;
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

async function compareOne(python: string, network: BenchNetwork, repeats: number): Promise<Row> {
  const flags = [
    '--batch',
    String(network.batch),
    '--repeats',
    String(repeats),
    ...(network.batchNorm ? [] : ['--no-bn']),
  ];
  const pytorch = await runJsonLines(python, [path.join(root, 'bench/pytorch_baseline.py'), network.name, ...flags]);
  const bench = ['--import', 'tsx', path.join(root, 'bench/bench.ts'), '--network', network.name, '--json', ...flags];
  const ours = await runJsonLines(process.execPath, bench);
  return { network, ours, pytorch };
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

/** The table in Markdown: seconds ours / PyTorch, ratio PyTorch / ours (above 1: ours is faster), memory ratio ours / PyTorch. */
export function toMarkdown(rows: readonly Row[]): string {
  const lines = [header, header.map(() => '---'), ...rows.map(cellsOf)].map((cells) => `| ${cells.join(' | ')} |`);
  return lines.join('\n');
}

const marker = { begin: '<!-- bench:pytorch:begin -->', end: '<!-- bench:pytorch:end -->' };

/** Replaces the part of docs/benchmarks.md between the markers. */
function writeDocs(rows: readonly Row[]): void {
  const file = path.join(root, 'docs/benchmarks.md');
  const text = readFileSync(file, 'utf8');
  const [begin, end] = [text.indexOf(marker.begin), text.indexOf(marker.end)];
  if (begin < 0 || end < 0) throw new Error(`docs/benchmarks.md needs the lines ${marker.begin} and ${marker.end}`);
  const machine = `${cpus().length} x ${cpus()[0]?.model.trim()}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB; Node ${process.versions.node}; ${rows[0]?.pytorch[0]?.framework ?? ''}; ${new Date().toISOString().slice(0, 10)}`;
  const body = `${marker.begin}\n\n${machine}\n\n${toMarkdown(rows)}\n\n`;
  writeFileSync(file, text.slice(0, begin) + body + text.slice(end));
}

/** Runs the comparison and prints it. */
export async function compareWithPytorch(options: CompareOptions): Promise<void> {
  const python = await pythonWithTorch();
  const rows: Row[] = [];
  for (const name of options.networks ?? defaultNetworks) {
    const row = await compareOne(python, parseNetwork(name), options.repeats);
    rows.push(row);
    console.log(cellsOf(row).join('  |  '));
  }
  console.log(`\n${toMarkdown(rows)}`);
  if (options.writeDocs) writeDocs(rows);
}
