/** Starts Node with the TypeScript loader tsx as a child process that shares the standard streams of this process. */
import { spawn } from 'node:child_process';
import { SetupError } from './setup/log.mjs';

/**
 * Signals to this process are passed on, and it ends with the child. On a terminal, Ctrl-C reaches the child directly and must not be passed on: many
 * programs treat a second signal as a request to end at once.
 *
 * @param {readonly string[]} args Node options, the entry file, its arguments
 * @returns {Promise<{ code: number | null, signal: NodeJS.Signals | null }>}
 */
export function startTypeScript(args) {
  const child = spawn(process.execPath, ['--import', findLoader(), ...args], { stdio: 'inherit' });

  /** @type {NodeJS.Signals[]} */
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  const forward = (/** @type {NodeJS.Signals} */ signal) => {
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  };
  for (const signal of signals) process.on(signal, forward);

  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      for (const name of signals) process.off(name, forward);
      resolve({ code, signal });
    });
  });
}

/** The URL of tsx, which does not depend on the caller's working directory. */
function findLoader() {
  try {
    return import.meta.resolve('tsx');
  } catch {
    throw new SetupError('the npm packages are not installed. Run `npm run setup`.');
  }
}
