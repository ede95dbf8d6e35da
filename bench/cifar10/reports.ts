/** The provenance of a report under results/. */
import { execFileSync } from 'node:child_process';
import { machineLine } from '../docs.ts';

function commit(): string {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8' }).trim();
  return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain', 'src') === '' ? '' : ' with changes'}`;
}

/** @param command the command that repeats the measurement */
export const provenance = (command: string, started: Date) => ({
  command,
  commit: commit(),
  machine: machineLine(),
  date: started.toISOString().slice(0, 10),
});

/** Means and standard deviations of the published normalisation. */
export const normalize = { mean: [0.4914, 0.4822, 0.4465], std: [0.2023, 0.1994, 0.201] };
