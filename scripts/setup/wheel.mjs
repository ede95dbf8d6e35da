/**
 * Installs native libraries from Python wheels: pip downloads them with the index settings of the machine, a pinned sha256 verifies them, and the
 * needed files are extracted. Every step ends with one rename, so that an interruption leaves no incomplete files in place.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { SetupError, say } from './log.mjs';
import { wheelTarget } from './pins.mjs';
import { run } from './process.mjs';

const completeName = '.complete.json';

/** Mark in the names of folders that are being written. Those that exist when the lock is taken were left by an interrupted set-up. */
const temporaryMark = '.tmp-';

// zipfile drops file permissions; the caller makes files executable. argv: wheel, target, patterns.
const unpackScript = `
import fnmatch, signal, sys, zipfile
signal.signal(signal.SIGINT, signal.SIG_DFL)  # no traceback on Ctrl-C
wheel, target, *patterns = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        if any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns):
            archive.extract(name, target)
`;

/**
 * @typedef {object} WheelFolder
 * @property {string} target the folder to create
 * @property {readonly import('./pins.mjs').WheelPin[]} pins wheels that are extracted into the same folder
 * @property {readonly string[]} keep glob patterns of the files to extract; '*' matches slashes too
 * @property {Readonly<Record<string, string>>} [place] moves single files: name in the archive -> name in the folder
 * @property {readonly string[]} files files that must exist afterwards, relative to the folder
 * @property {readonly string[]} [executables] those of `files` that are made executable
 */

/**
 * True when an earlier set-up with the same pins completed the folder and no file has been truncated since.
 *
 * @param {WheelFolder} folder
 */
export async function isUnpacked(folder) {
  try {
    const complete = JSON.parse(await readFile(path.join(folder.target, completeName), 'utf8'));
    if (complete.pins !== pinsDigest(folder)) return false;
    const sizes = await fileSizes(folder.target, folder.files);
    return folder.files.every((file) => sizes[file] === complete.sizes[file]);
  } catch {
    return false;
  }
}

/**
 * Downloads, verifies and extracts the wheels of a folder. The lock must be held.
 *
 * @param {WheelFolder} folder
 * @param {{ downloads: string, env: NodeJS.ProcessEnv }} context
 */
export async function unpackWheels(folder, { downloads, env }) {
  /** @type {string[]} */
  const wheels = [];
  for (const pin of folder.pins) wheels.push(await fetchWheel(pin, { downloads, env }));

  const temporary = `${folder.target}${temporaryMark}${process.pid}`;
  await mkdir(temporary, { recursive: true });
  for (const wheel of wheels) {
    say(`unpacking ${path.basename(wheel)}`);
    await run('python3', ['-c', unpackScript, wheel, temporary, ...folder.keep], {
      what: `unpacking ${path.basename(wheel)}`,
      fix: 'Check the free space of the cache, then run `npm run setup` again.',
      env,
    });
  }
  for (const [from, to] of Object.entries(folder.place ?? {})) {
    await rename(path.join(temporary, from), path.join(temporary, to));
  }
  for (const file of folder.executables ?? []) await chmod(path.join(temporary, file), 0o755);

  const sizes = await fileSizes(temporary, folder.files);
  await writeFile(path.join(temporary, completeName), JSON.stringify({ pins: pinsDigest(folder), sizes }));
  await rm(folder.target, { recursive: true, force: true });
  await rename(temporary, folder.target);
  await Promise.all(wheels.map((wheel) => rm(path.dirname(wheel), { recursive: true, force: true })));
}

/**
 * @param {import('./pins.mjs').WheelPin} pin
 * @param {{ downloads: string, env: NodeJS.ProcessEnv }} context
 * @returns {Promise<string>} the path of the verified wheel, alone in a folder named by its checksum
 */
export async function fetchWheel(pin, { downloads, env }) {
  const target = path.join(downloads, `${pin.name}-${pin.version}-${pin.sha256.slice(0, 12)}`);
  // Only a verified download has the final name, so that a set-up after an interruption uses it.
  const earlier = await onlyWheel(target);
  if (earlier !== null) return earlier;

  say(`downloading ${pin.name} ${pin.version} (${pin.size})`);
  const temporary = `${target}${temporaryMark}${process.pid}`;
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true });
  await run('python3', pipArguments(pin, temporary), {
    what: `downloading ${pin.name} ${pin.version}`,
    fix: 'Check the network and `python3 -m pip config list` (index, proxy), then run `npm run setup` again.',
    env,
  });
  const file = await onlyWheel(temporary);
  const digest = file === null ? 'no file' : await sha256(file);
  if (file === null || digest !== pin.sha256) {
    await rm(temporary, { recursive: true, force: true });
    throw new SetupError(
      `${file === null ? pin.name : path.basename(file)} was refused: expected sha256 ${pin.sha256}, found ${digest}. ` +
        'The download was damaged or the package index serves another file. Run `npm run setup` again; ' +
        'if this stays, look at `python3 -m pip config list`.',
    );
  }
  await rm(target, { recursive: true, force: true });
  await rename(temporary, target);
  return path.join(target, path.basename(file));
}

/**
 * @param {import('./pins.mjs').WheelPin} pin
 * @param {string} destination
 */
function pipArguments(pin, destination) {
  return [
    ...['-m', 'pip', 'download', '--quiet', '--no-deps', '--no-cache-dir', '--disable-pip-version-check'],
    ...['--only-binary=:all:', '--python-version', wheelTarget.python, '--implementation', wheelTarget.implementation],
    ...wheelTarget.platforms.flatMap((platform) => ['--platform', platform]),
    ...['--dest', destination, `${pin.name}==${pin.version}`],
  ];
}

/**
 * Removes the temporary folders of interrupted set-ups. The lock must be held.
 *
 * @param {string} directory
 */
export async function removeTemporaries(directory) {
  const names = await readdir(directory).catch(() => /** @type {string[]} */ ([]));
  const left = names.filter((name) => name.includes(temporaryMark));
  await Promise.all(left.map((name) => rm(path.join(directory, name), { recursive: true, force: true })));
}

/**
 * @param {string} directory
 * @returns {Promise<string | null>}
 */
async function onlyWheel(directory) {
  const names = await readdir(directory).catch(() => /** @type {string[]} */ ([]));
  const name = names.find((candidate) => candidate.endsWith('.whl'));
  return name === undefined ? null : path.join(directory, name);
}

/** @param {string} file */
async function sha256(file) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** @param {WheelFolder} folder */
function pinsDigest(folder) {
  const content = JSON.stringify([folder.pins.map((pin) => pin.sha256), folder.keep]);
  return createHash('sha256').update(content).digest('hex');
}

/**
 * @param {string} directory
 * @param {readonly string[]} files
 * @returns {Promise<Record<string, number>>}
 */
async function fileSizes(directory, files) {
  const sizes = await Promise.all(files.map(async (file) => (await stat(path.join(directory, file))).size));
  return Object.fromEntries(files.map((file, index) => [file, sizes[index] ?? 0]));
}
