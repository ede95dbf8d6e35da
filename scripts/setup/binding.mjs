/**
 * The native binding of @tensorflow/tfjs-node-gpu, compiled against the libtensorflow of the wheel. The package's own
 * installer fetches libtensorflow 2.9 with CUDA 11 instead, which no current GPU runs; its C++ sources need nothing
 * but TensorFlow's C API and Node-API, so one binding serves CPU and GPU and every Node version.
 */
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { say } from './log.mjs';
import { installedBinding, tfjsPackageDir } from './paths.mjs';
import { run } from './process.mjs';

const fileName = 'tfjs_binding.node';

/**
 * @typedef {object} BindingPlan
 * @property {string} built the compiled file in the cache
 * @property {string} directory the package's folder, where the compiler runs
 * @property {readonly string[]} flags of g++, without the output
 */

/**
 * What the binding is made of; its place in the cache is the hash of that.
 *
 * @param {string} root the checkout, npm packages installed
 * @param {string} cacheRoot
 * @param {string} libDir the folder of libtensorflow_cc.so.2
 * @returns {Promise<BindingPlan>}
 */
export async function planBinding(root, cacheRoot, libDir) {
  const directory = tfjsPackageDir(root);
  const napi = path.join(root, 'node_modules', 'node-api-headers');
  const flags = [
    ...['-O2', '-std=c++17', '-fPIC', '-shared', '-DNAPI_VERSION=8', '-w'],
    ...['-I.', `-I${path.join(libDir, 'include')}`],
    ...['binding/tfjs_backend.cc', 'binding/tfjs_binding.cc'],
    ...[`-L${libDir}`, '-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2'],
    ...['-Xlinker', '-rpath', '-Xlinker', libDir],
  ];

  const hash = createHash('sha256').update(JSON.stringify(flags));
  hash.update(await readFile(path.join(napi, 'package.json')));
  const sources = path.join(directory, 'binding');
  for (const name of (await readdir(sources)).sort())
    hash.update(name).update(await readFile(path.join(sources, name)));

  const built = path.join(cacheRoot, 'binding', hash.digest('hex').slice(0, 16), fileName);
  return { built, directory, flags: [...flags, `-I${path.join(napi, 'include')}`] };
}

/**
 * @param {BindingPlan} plan
 * @param {NodeJS.ProcessEnv} env
 */
export async function compileBinding(plan, env) {
  say('compiling the TensorFlow binding');
  const temporary = `${plan.built}.tmp-${process.pid}`;
  await mkdir(path.dirname(plan.built), { recursive: true });
  await run('g++', [...plan.flags, '-o', temporary], {
    what: 'compiling the TensorFlow binding',
    fix: 'The compiler messages are above; a g++ with C++17 (version 9 or newer) is needed.',
    cwd: plan.directory,
    env,
  });
  await rename(temporary, plan.built);
}

/**
 * Puts the compiled binding where tfjs-node looks for it. Processes that have the old file loaded keep it.
 *
 * @param {string} root the checkout
 * @param {BindingPlan} plan
 */
export async function installBinding(root, plan) {
  const target = installedBinding(root);
  const temporary = `${target}.tmp-${process.pid}`;
  await mkdir(path.dirname(target), { recursive: true });
  await copyFile(plan.built, temporary);
  await rename(temporary, target);
}

/**
 * @param {string} file
 * @returns {Promise<string | null>} null when there is no such file
 */
export async function fileDigest(file) {
  try {
    return createHash('sha256')
      .update(await readFile(file))
      .digest('hex');
  } catch {
    return null;
  }
}
