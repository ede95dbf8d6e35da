/**
 * Paths of installed files. All large files are in one cache outside the checkout, which all checkouts share:
 *
 *   CACHE/downloads/                               verified wheels, removed once unpacked
 *   CACHE/tensorflow/VARIANT-VERSION-ARCH/         tensorflow/libtensorflow_cc.so.2, its headers, nvidia/ beside it
 *   CACHE/binding/HASH/NAME.node                   compiled native modules, by hash of sources, flags and library
 *   CACHE/valkey/VERSION-ARCH/                     valkey-server
 *
 * CACHE is GRADINIT_CACHE_DIR, else XDG_CACHE_HOME/gradinit-service, else ~/.cache/gradinit-service.
 */
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { tensorflowVersion, valkeyPin } from './pins.mjs';

/** The checkout. */
export const projectRoot = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {string} absolute path of the cache
 */
export function defaultCacheRoot(env) {
  if (env.GRADINIT_CACHE_DIR) return path.resolve(env.GRADINIT_CACHE_DIR);
  // By the XDG specification, a relative path is invalid and must be ignored.
  const xdg = env.XDG_CACHE_HOME;
  const base = xdg && path.isAbsolute(xdg) ? xdg : path.join(env.HOME || homedir(), '.cache');
  return path.join(base, 'gradinit-service');
}

/**
 * @param {string} cacheRoot
 * @param {import('./pins.mjs').Variant} variant
 */
export function tensorflowDir(cacheRoot, variant) {
  return path.join(cacheRoot, 'tensorflow', `${variant}-${tensorflowVersion}-x86_64`);
}

/**
 * The folder of libtensorflow_cc.so.2, one level down because the library looks for CUDA in ../nvidia/NAME/lib.
 * @param {string} cacheRoot
 * @param {import('./pins.mjs').Variant} variant
 */
export function tensorflowLibDir(cacheRoot, variant) {
  return path.join(tensorflowDir(cacheRoot, variant), 'tensorflow');
}

/** @param {string} cacheRoot */
export function valkeyDir(cacheRoot) {
  return path.join(cacheRoot, 'valkey', `${valkeyPin.version}-x86_64`);
}

/** @param {string} cacheRoot */
export function valkeyServer(cacheRoot) {
  return path.join(valkeyDir(cacheRoot), 'valkey-server');
}

/** @param {string} cacheRoot */
export function downloadsDir(cacheRoot) {
  return path.join(cacheRoot, 'downloads');
}

/**
 * The record of the last set-up, in which src finds the libraries and Valkey.
 *
 * @param {string} root the checkout
 */
export function stampFile(root) {
  return path.join(root, 'node_modules', '.gradinit-setup.json');
}

/**
 * The folder of an npm package: below the checkout's node_modules, or beside this package where a package manager installed both.
 *
 * @param {string} root the checkout, with npm packages installed
 * @param {string} name of an npm package
 */
export function packageDir(root, name) {
  return path.dirname(createRequire(path.join(root, 'package.json')).resolve(`${name}/package.json`));
}

/** @param {string} root the checkout */
export function tfjsPackageDir(root) {
  return packageDir(root, '@tensorflow/tfjs-node-gpu');
}

/**
 * The folder in which tfjs-node looks for its binding (the napi-v8 folder of its package.json).
 *
 * @param {string} root the checkout
 */
export function nativeModulesDir(root) {
  return path.join(tfjsPackageDir(root), 'lib', 'napi-v8');
}
