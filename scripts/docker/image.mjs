/**
 * node scripts/docker/image.mjs api|worker: creates the content of an image in the checkout of its build stage.
 *
 *   api      npm packages without those for development and without TensorFlow, which the API never loads
 *   worker   the whole set-up (`npm run setup` with NODE_ENV=production), then without what only the compiler needs
 *
 * Both create STATE, a folder for the image's volume.
 */
import '../setup/require-node.mjs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const { installDependencies } = await import('../setup/dependencies.mjs');
const { ensureSetup } = await import('../setup/ensure.mjs');
const { reportFailure, say, SetupError } = await import('../setup/log.mjs');
const { defaultCacheRoot, projectRoot } = await import('../setup/paths.mjs');
const { packagesOnlyFor } = await import('./prune.mjs');

/** Packages that the worker needs and the API does not. */
export const engineOnly = ['@tensorflow/tfjs-node-gpu', 'node-api-headers'];

/**
 * @param {string} kind
 * @param {{ root: string, state: string, env: NodeJS.ProcessEnv }} options
 */
export async function prepareImage(kind, { root, state, env }) {
  if (kind === 'api') {
    await installDependencies(root, env);
    const lock = JSON.parse(await readFile(path.join(root, 'package-lock.json'), 'utf8'));
    const unused = packagesOnlyFor(lock.packages, engineOnly);
    for (const place of unused) await rm(path.join(root, place), { recursive: true, force: true });
    say(`left out ${unused.length} packages that only the engine needs`);
  } else if (kind === 'worker') {
    const { stamp } = await ensureSetup({ root, env });
    const cache = defaultCacheRoot(env);
    const left = [
      path.join(cache, 'binding'),
      path.join(cache, 'downloads'),
      path.join(stamp.tensorflow.libDir, 'include'),
    ];
    for (const place of left) await rm(place, { recursive: true, force: true });
  } else {
    throw new SetupError(`expected api or worker, got ${kind}`);
  }
  await mkdir(state, { recursive: true });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const [kind = '', state = path.join(projectRoot, '.state')] = process.argv.slice(2);
    await prepareImage(kind, { root: projectRoot, state, env: { ...process.env, NODE_ENV: 'production' } });
  } catch (error) {
    reportFailure(error);
    process.exitCode = 1;
  }
}
