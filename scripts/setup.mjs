/**
 * npm run setup: installs everything the project needs on a machine with Node, Python 3 with pip, and g++. TENSORFLOW_VARIANT=gpu selects the CUDA 12
 * libraries; GRADINIT_CACHE_DIR sets the cache folder. Takes under a second when everything is installed.
 */
import './setup/require-node.mjs';

const { ensureSetup } = await import('./setup/ensure.mjs');
const { reportFailure, say } = await import('./setup/log.mjs');

const started = performance.now();
try {
  const { changed, stamp } = await ensureSetup();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const { variant, version } = stamp.tensorflow;
  say(
    `${changed ? 'installed' : 'nothing to do'}: TensorFlow ${version} (${variant}), Valkey, npm packages; ${seconds} s`,
  );
} catch (error) {
  reportFailure(error);
  process.exitCode = 1;
}
