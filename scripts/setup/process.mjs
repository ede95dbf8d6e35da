/** Runs child processes: `run` shows the output to the user, `capture` returns it. */
import { spawn } from 'node:child_process';
import { SetupError } from './log.mjs';

/** @type {readonly NodeJS.Signals[]} */
const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs a command until it ends; all its output goes to standard error. A signal to this process first stops the command, so that it does not continue
 * to write while the next set-up runs.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ what: string, fix: string, cwd?: string, env?: NodeJS.ProcessEnv }} options for the message of a failure: what failed, and how to fix it
 * @returns {Promise<void>}
 */
export function run(command, args, { what, fix, cwd, env }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 2, 2] });
    let interrupted = false;
    const stop = (/** @type {NodeJS.Signals} */ signal) => {
      interrupted = true;
      child.kill(signal);
    };
    for (const signal of stopSignals) process.on(signal, stop);

    child.on('error', (error) => reject(new SetupError(`${what} failed: ${error.message}. ${fix}`)));
    child.on('close', (code, signal) => {
      for (const name of stopSignals) process.off(name, stop);
      if (interrupted)
        reject(new SetupError(`${what} was interrupted. Run \`npm run setup\` again: it goes on from there.`));
      else if (code === 0) resolve();
      else
        reject(new SetupError(`${what} failed: ${baseName(command)} ended with ${signal ?? `code ${code}`}. ${fix}`));
    });
  });
}

/** @param {string} command */
function baseName(command) {
  return command.split('/').at(-1);
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<string | null>} what it printed, or null when it is missing or failed
 */
export function capture(command, args, env) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'ignore'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
    child.on('error', () => resolve(null));
    child.on('close', (code) => resolve(code === 0 ? output.trim() : null));
  });
}
