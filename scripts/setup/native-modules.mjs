/**
 * Compiles the native modules:
 *
 *   tfjs_binding.node     the binding of @tensorflow/tfjs-node-gpu for the libtensorflow of the wheel. The package's own installer downloads
 *                         libtensorflow 2.9 with CUDA 11, which supports no current GPU; its C++ sources only use TensorFlow's C API and
 *                         Node-API, so that one binding works for CPU and GPU and every Node version
 *   standard_error.node   ./native/standard-error.cc
 */
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { say } from './log.mjs';
import { nativeModulesDir, packageDir, tfjsPackageDir } from './paths.mjs';
import { run } from './process.mjs';

/**
 * @typedef {object} NativeModule
 * @property {string} name of the file
 * @property {string} built the compiled file in the cache
 * @property {string} directory where the compiler runs
 * @property {readonly string[]} flags of g++, without the output
 */

const common = ['-O2', '-std=c++17', '-fPIC', '-shared', '-DNAPI_VERSION=8', '-w'];
const ownSources = fileURLToPath(new URL('native', import.meta.url));

/**
 * The modules with their compiler flags. The path of each in the cache contains a hash of its sources, flags and library.
 *
 * @param {string} root the checkout, with npm packages installed
 * @param {string} cacheRoot
 * @param {string} libDir the folder of libtensorflow_cc.so.2
 * @returns {Promise<readonly NativeModule[]>}
 */
export async function planModules(root, cacheRoot, libDir) {
  const tfjs = tfjsPackageDir(root);
  const napi = packageDir(root, 'node-api-headers');
  const wanted = [
    {
      name: 'standard_error.node',
      directory: ownSources,
      sources: ownSources,
      flags: [...common, 'standard-error.cc'],
    },
    {
      name: 'tfjs_binding.node',
      directory: tfjs,
      sources: path.join(tfjs, 'binding'),
      flags: [
        ...common,
        ...['-I.', `-I${path.join(libDir, 'include')}`],
        ...['binding/tfjs_backend.cc', 'binding/tfjs_binding.cc'],
        ...[`-L${libDir}`, '-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2'],
        ...['-Xlinker', '-rpath', '-Xlinker', libDir],
      ],
    },
  ];
  const headers = await readFile(path.join(napi, 'package.json'));
  return Promise.all(
    wanted.map(async ({ name, directory, sources, flags }) => {
      const hash = createHash('sha256').update(JSON.stringify(flags)).update(headers);
      for (const file of (await readdir(sources)).sort())
        hash.update(file).update(await readFile(path.join(sources, file)));
      const built = path.join(cacheRoot, 'binding', hash.digest('hex').slice(0, 16), name);
      return { name, built, directory, flags: [...flags, `-I${path.join(napi, 'include')}`] };
    }),
  );
}

/**
 * @param {NativeModule} module
 * @param {NodeJS.ProcessEnv} env
 */
export async function compileModule({ name, built, directory, flags }, env) {
  say(`compiling ${name}`);
  const temporary = `${built}.tmp-${process.pid}`;
  await mkdir(path.dirname(built), { recursive: true });
  await run('g++', [...flags, '-o', temporary], {
    what: `compiling ${name}`,
    fix: 'The compiler messages are above; a g++ with C++17 (version 9 or newer) is needed.',
    cwd: directory,
    env,
  });
  await rename(temporary, built);
}

/**
 * Installs a compiled module in the folder where tfjs-node looks for its binding. Processes that have loaded the old file are not affected.
 *
 * @param {string} root the checkout
 * @param {NativeModule} module
 * @returns {Promise<{ file: string, sha256: string }>} the installed file
 */
export async function installModule(root, { name, built }) {
  const file = path.join(nativeModulesDir(root), name);
  const temporary = `${file}.tmp-${process.pid}`;
  await mkdir(path.dirname(file), { recursive: true });
  await copyFile(built, temporary);
  await rename(temporary, file);
  return { file, sha256: (await fileDigest(file)) ?? '' };
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
