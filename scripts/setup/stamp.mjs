/** node_modules/.gradinit-setup.json: the record of the last set-up with the paths of what it installed. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { SetupError } from './log.mjs';
import { defaultCacheRoot, stampFile } from './paths.mjs';
import { variants } from './pins.mjs';

/**
 * @typedef {object} Stamp
 * @property {2} version
 * @property {string} cacheRoot
 * @property {{ variant: import('./pins.mjs').Variant, version: string, libDir: string }} tensorflow
 * @property {Record<string, { file: string, sha256: string }>} modules the native modules, by the names of their files
 * @property {string} valkeyServer path of the valkey-server binary
 */

/**
 * @param {string} root the checkout
 * @returns {Promise<Stamp | null>}
 */
export async function readStamp(root) {
  try {
    const stamp = JSON.parse(await readFile(stampFile(root), 'utf8'));
    return stamp.version === 2 ? stamp : null;
  } catch {
    return null;
  }
}

/**
 * @param {string} root the checkout
 * @param {Stamp} stamp
 */
export async function writeStamp(root, stamp) {
  const temporary = `${stampFile(root)}.tmp-${process.pid}`;
  // The folder does not exist for an installed package whose dependencies are all beside it.
  await mkdir(path.dirname(temporary), { recursive: true });
  await writeFile(temporary, `${JSON.stringify(stamp, null, 2)}\n`);
  await rename(temporary, stampFile(root));
}

/**
 * What to install: as set in the environment; where it sets nothing, as installed before.
 *
 * @param {NodeJS.ProcessEnv} env
 * @param {Stamp | null} stamp
 * @returns {{ variant: import('./pins.mjs').Variant, cacheRoot: string }}
 */
export function wantedSetup(env, stamp) {
  const named = env.TENSORFLOW_VARIANT || stamp?.tensorflow.variant || 'cpu';
  const variant = variants.find((candidate) => candidate === named);
  if (variant === undefined) {
    throw new SetupError(`TENSORFLOW_VARIANT=${named} is not known: expected ${variants.join(' or ')}.`);
  }
  const cacheRoot = env.GRADINIT_CACHE_DIR || stamp === null ? defaultCacheRoot(env) : stamp.cacheRoot;
  return { variant, cacheRoot };
}
