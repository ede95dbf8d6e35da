/** Child processes: `run` for work the user watches, `capture` for questions. */
import { spawn } from 'node:child_process';
import { SetupError } from './log.mjs';

/**
 * Runs a command to its end; everything it prints goes to our standard error.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ what: string, fix: string, cwd?: string, env?: NodeJS.ProcessEnv }} options what failed and what to do, in words
 * @returns {Promise<void>}
 */
export function run(command, args, { what, fix, cwd, env }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 2, 2] });
    child.on('error', (error) => reject(new SetupError(`${what} failed: ${error.message}. ${fix}`)));
    child.on('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(new SetupError(`${what} failed: ${path(command)} ended with ${signal ?? `code ${code}`}. ${fix}`));
    });
  });
}

/** @param {string} command */
function path(command) {
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
