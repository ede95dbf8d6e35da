/** Installs npm packages in the versions of package-lock.json. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { say } from './log.mjs';
import { run } from './process.mjs';

/** @typedef {{ version?: string, integrity?: string, optional?: boolean, dev?: boolean }} LockedPackage */

/**
 * Compares package-lock.json with the lock file that npm writes to node_modules at the end of an install; after an interrupted `npm ci` it does not
 * exist.
 *
 * @param {string} root the checkout
 * @param {NodeJS.ProcessEnv} env
 */
export async function dependenciesInstalled(root, env) {
  if (await isInstalledPackage(root)) return true;
  const wanted = await readPackages(path.join(root, 'package-lock.json'));
  const found = await readPackages(path.join(root, 'node_modules', '.package-lock.json'));
  if (wanted === null || found === null) return false;
  delete wanted[''];

  const withDev = env.NODE_ENV !== 'production' && !(env.npm_config_omit ?? '').split(/\s+/).includes('dev');
  const same = Object.entries(wanted).every(([name, entry]) => {
    const there = found[name];
    // Optional packages for other platforms are not installed.
    if (there === undefined) return entry.optional === true || (entry.dev === true && !withDev);
    return there.version === entry.version && there.integrity === entry.integrity;
  });
  return same && Object.keys(found).every((name) => Object.hasOwn(wanted, name));
}

/**
 * True where a package manager has installed this package: it has then installed the dependencies too, and the package contains no lock file.
 *
 * @param {string} root
 */
async function isInstalledPackage(root) {
  const isBelowNodeModules = root.split(path.sep).includes('node_modules');
  return isBelowNodeModules && (await readPackages(path.join(root, 'package-lock.json'))) === null;
}

/**
 * @param {string} file
 * @returns {Promise<Record<string, LockedPackage> | null>}
 */
async function readPackages(file) {
  try {
    return JSON.parse(await readFile(file, 'utf8')).packages ?? null;
  } catch {
    return null;
  }
}

/**
 * Runs `npm ci` without install scripts: the only relevant one would download a libtensorflow that supports no current GPU.
 *
 * @param {string} root the checkout
 * @param {NodeJS.ProcessEnv} env
 */
export async function installDependencies(root, env) {
  say('installing npm packages');
  // Under `npm run`, the npm that runs this script is used, because the npm on the PATH may belong to another Node.
  const npm = env.npm_execpath?.endsWith('npm-cli.js') ? [process.execPath, env.npm_execpath] : ['npm'];
  await run(
    /** @type {string} */ (npm[0]),
    [...npm.slice(1), 'ci', '--loglevel=error', '--ignore-scripts', '--no-audit', '--no-fund'],
    {
      what: 'npm ci',
      fix: 'Its messages are above; check the network and `npm config get registry`, then run `npm run setup` again.',
      cwd: root,
      env,
    },
  );
}
