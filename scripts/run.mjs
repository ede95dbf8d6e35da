/**
 * node scripts/run.mjs ENTRY.ts [ARGS]: installs what is missing, then runs a TypeScript entry with its arguments. Standard output, exit code and
 * signals are those of the entry. Nothing is installed for `doctor`, which examines the machine as it is.
 */
import './setup/require-node.mjs';
import { constants } from 'node:os';

const { ensureSetup } = await import('./setup/ensure.mjs');
const { reportFailure } = await import('./setup/log.mjs');
const { startTypeScript } = await import('./start-typescript.mjs');

try {
  const [entry = 'src/cli.ts', ...args] = process.argv.slice(2);
  if (args[0] !== 'doctor') await ensureSetup();
  const { code, signal } = await startTypeScript([entry, ...args]);
  process.exitCode = signal === null ? (code ?? 1) : 128 + constants.signals[signal];
} catch (error) {
  reportFailure(error);
  process.exitCode = 1;
}
