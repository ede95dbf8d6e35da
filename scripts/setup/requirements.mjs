/** Checks that the machine has the tools for set-up; the error names the fix for each missing one. */
import { constants } from 'node:fs';
import { access, mkdir, statfs } from 'node:fs/promises';
import { SetupError } from './log.mjs';
import { capture } from './process.mjs';

/** Free bytes that the wheels and their extracted files need. */
const neededBytes = { cpu: 1.6e9, gpu: 11e9 };

/**
 * Throws ONE error that lists everything missing.
 *
 * @param {{ python: boolean, compiler: boolean }} needs the tools that the next steps use
 * @param {NodeJS.ProcessEnv} env
 */
export async function checkTools(needs, env) {
  const missing = [];
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    missing.push(`Linux on x86_64 is needed, this is ${process.platform} on ${process.arch}; use the Docker images`);
  }
  if (needs.python) missing.push(...(await missingPython(env)));
  if (needs.compiler && (await capture('g++', ['--version'], env)) === null) {
    missing.push(`g++ was not found; ${packages('g++', 'gcc-c++')}`);
  }
  if (missing.length > 0) throw new SetupError(`something is missing on this machine:\n  - ${missing.join('\n  - ')}`);
}

/** @param {NodeJS.ProcessEnv} env */
async function missingPython(env) {
  if ((await capture('python3', ['--version'], env)) === null) {
    return [
      `python3 was not found (it fetches and unpacks wheels); ${packages('python3 python3-pip', 'python3 python3-pip')}`,
    ];
  }
  if ((await capture('python3', ['-m', 'pip', '--version'], env)) === null) {
    return [`pip for python3 was not found; ${packages('python3-pip', 'python3-pip')}`];
  }
  return [];
}

/**
 * @param {string} debian
 * @param {string} fedora
 */
function packages(debian, fedora) {
  const sudo = process.getuid?.() === 0 ? '' : 'sudo ';
  return `fix: ${sudo}apt-get install -y ${debian} (Debian, Ubuntu) or ${sudo}dnf install -y ${fedora} (Fedora, RHEL)`;
}

/**
 * Creates the cache folder and checks that it has space for the libraries.
 *
 * @param {string} cacheRoot
 * @param {import('./pins.mjs').Variant} variant
 */
export async function checkCache(cacheRoot, variant) {
  const fix = 'Set GRADINIT_CACHE_DIR to a writable folder with room.';
  try {
    await mkdir(cacheRoot, { recursive: true });
    await access(cacheRoot, constants.W_OK);
  } catch (error) {
    throw new SetupError(
      `the cache folder ${cacheRoot} cannot be written (${/** @type {Error} */ (error).message}). ${fix}`,
    );
  }
  const { bavail, bsize } = await statfs(cacheRoot);
  const free = bavail * bsize;
  if (free < neededBytes[variant]) {
    throw new SetupError(
      `the ${variant} libraries need ${gigabytes(neededBytes[variant])} free in ${cacheRoot}, found ${gigabytes(free)}. ${fix}`,
    );
  }
}

/** @param {number} bytes */
function gigabytes(bytes) {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
