/** Measures this engine and another framework on the same networks in turn, each in a separate process, and prints the ratios. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Device } from './device.ts';
import { machineLine, markdownTable, writeSection } from './docs.ts';
import { type Measurement, median } from './measure.ts';
import { pythonWithJax, pythonWithTorch } from './python.ts';
import { type StepName, stepNames } from './step-names.ts';
import type { BenchNetwork } from './steps.ts';

const root = path.resolve(fileURLToPath(new URL('..', import.meta.url)));

type Command = readonly [program: string, ...args: string[]];

const bench: Command = [process.execPath, '--import', 'tsx', path.join(root, 'bench/bench.ts'), '--json', '--network'];

/** Programs that print a JSON line per measured step, given a network's name and the flags of ./bench.ts. */
const opponents = {
  pytorch: {
    networks: ['resnet20', 'resnet110', 'vgg19', 'vgg19-no-bn', 'resnet110-no-bn'],
    command: async (): Promise<Command> => [await pythonWithTorch(), path.join(root, 'bench/pytorch_baseline.py')],
  },
  jax: {
    networks: ['resnet20', 'resnet110', 'vgg19', 'vgg19-no-bn', 'resnet110-no-bn'],
    command: async (): Promise<Command> => [await pythonWithJax(), path.join(root, 'bench/jax_baseline.py')],
  },
  /** The same steps run operation by operation, as TensorFlow.js does without recording. */
  eager: {
    networks: ['resnet20', 'resnet110', 'vgg19'],
    command: async (): Promise<Command> => [process.execPath, ...bench.slice(1, -1), '--eager', '--network'],
  },
};
export type OpponentName = keyof typeof opponents;
export const isOpponent = (name: string): name is OpponentName => Object.hasOwn(opponents, name);

export interface CompareOptions {
  readonly opponent: OpponentName;
  readonly networks: readonly string[] | undefined;
  readonly repeats: number;
  /** Number of rounds in which both run in turn, because the speed of a machine varies within minutes. */
  readonly rounds: number;
  readonly writeDocs: boolean;
  /** Null: the default of each framework. */
  readonly device: Device | null;
}

interface Row {
  readonly network: BenchNetwork;
  readonly ours: readonly Measurement[];
  readonly theirs: readonly Measurement[];
}

/** Runs a command and parses each line of its standard output as JSON; its standard error is shown. */
function runJsonLines([program, ...args]: Command): Promise<Measurement[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code !== 0) return reject(new Error(`${program} ${args.join(' ')} ended with ${code}`));
      resolve(
        output
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line)),
      );
    });
  });
}

const parseNetwork = (text: string): BenchNetwork => ({
  name: text.replace('-no-bn', ''),
  batchNorm: !text.endsWith('-no-bn'),
  batch: 128,
});
const label = ({ name, batchNorm }: BenchNetwork) => `${name}${batchNorm ? ' BN' : ''}`;

/** One step over all rounds: the median of the medians, and the largest memory. */
function mergeRounds(rows: readonly [Measurement, ...Measurement[]]): Measurement {
  const firstSeconds = median(rows.flatMap((row) => row.firstSeconds ?? []));
  const merged = { ...rows[0], seconds: median(rows.map((row) => row.seconds)), firstSeconds };
  return { ...merged, peakGiB: Math.max(...rows.map((row) => row.peakGiB)) };
}

/** The fastest form of every step. */
function merge(rounds: readonly (readonly Measurement[])[]): Measurement[] {
  return stepNames.flatMap((step) => {
    const rows = rounds.flatMap((all) => all.filter((row) => row.step === step));
    const merged = [...new Set(rows.map(({ form }) => form))].map((form) =>
      mergeRounds(rows.filter((row) => row.form === form) as [Measurement, ...Measurement[]]),
    );
    return merged.sort((a, b) => a.seconds - b.seconds).slice(0, 1);
  });
}

async function compareOne(
  opponent: Command,
  network: BenchNetwork,
  { repeats, rounds, device }: Pick<CompareOptions, 'repeats' | 'rounds' | 'device'>,
): Promise<Row> {
  const flags = [
    '--batch',
    String(network.batch),
    '--repeats',
    String(repeats),
    ...(network.batchNorm ? [] : ['--no-bn']),
    ...(device === null ? [] : ['--device', device]),
  ];
  const theirs: Measurement[][] = [];
  const ours: Measurement[][] = [];
  for (let round = 0; round < rounds; round += 1) {
    theirs.push(await runJsonLines([...opponent, network.name, ...flags]));
    ours.push(await runJsonLines([...bench, network.name, ...flags]));
  }
  return { network, ours: merge(ours), theirs: merge(theirs) };
}

const secondsOf = (rows: readonly Measurement[], step: StepName) =>
  rows.find((row) => row.step === step)?.seconds ?? Number.NaN;
const peakOf = (rows: readonly Measurement[]) => Math.max(...rows.map((row) => row.peakGiB));

function cellsOf({ network, ours, theirs }: Row): string[] {
  const steps = stepNames.map((step) => {
    const [a, b] = [secondsOf(ours, step), secondsOf(theirs, step)];
    return `${a.toFixed(2)} / ${b.toFixed(2)} = **${(b / a).toFixed(2)}x**`;
  });
  const [a, b] = [peakOf(ours), peakOf(theirs)];
  const first = ours.find((row) => row.step === 'constraint')?.firstSeconds ?? Number.NaN;
  return [label(network), ...steps, `${a.toFixed(2)} / ${b.toFixed(2)} = ${(a / b).toFixed(2)}x`, first.toFixed(1)];
}

const header = ['network', ...stepNames.map((step) => step.replace('_', ' ')), 'peak GiB', 'first constraint call'];

/** Runs the comparison and prints its table. */
export async function compareWith(options: CompareOptions): Promise<void> {
  const { networks, command } = opponents[options.opponent];
  const opponent = await command();
  const rows: Row[] = [];
  for (const name of options.networks ?? networks) {
    const row = await compareOne(opponent, parseNetwork(name), options);
    rows.push(row);
    console.log(cellsOf(row).join('  |  '));
  }
  const table = markdownTable(header, rows.map(cellsOf));
  console.log(`\n${table}`);
  const rounds = `${options.rounds} rounds in turn, median`;
  if (options.writeDocs)
    writeSection(options.opponent, `${machineLine(rows[0]?.theirs[0]?.framework ?? '', rounds)}\n\n${table}`);
}
