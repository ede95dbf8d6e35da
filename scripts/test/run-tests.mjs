/** Node's test runner over test/, with the counts that it only prints otherwise. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { projectRoot } from '../setup/paths.mjs';
import { startTypeScript } from '../start-typescript.mjs';

/** Long for a test, short for a machine that hangs. */
const testTimeoutMs = 15 * 60_000;

/**
 * @typedef {{ passed: number, failed: number, skipped: number }} Counts
 */

/**
 * @param {{ slow: boolean, files: readonly string[] }} selection no files: all of test/, or of test/slow
 * @returns {Promise<Counts>}
 */
export async function runTests({ slow, files }) {
  const selected = files.length > 0 ? files : await findTests(slow);
  if (selected.length === 0) return { passed: 0, failed: 0, skipped: 0 };

  const folder = await mkdtemp(path.join(tmpdir(), 'gradinit-test-'));
  const countFile = path.join(folder, 'counts.json');
  try {
    const { code } = await startTypeScript([
      ...['--test', `--test-concurrency=${concurrency()}`, `--test-timeout=${testTimeoutMs}`],
      ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
      `--test-reporter=${pathToFileURL(path.join(projectRoot, 'scripts', 'test', 'count-reporter.mjs'))}`,
      `--test-reporter-destination=${countFile}`,
      ...selected,
    ]);
    const counts = await readCounts(countFile);
    // A runner that failed without a failed test (a crash, a bad option) is a failure all the same.
    return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** TensorFlow uses every core inside one process already; two files at a time keep small machines busy. */
function concurrency() {
  return Math.max(2, Math.floor(availableParallelism() / 4));
}

/** @param {boolean} slow */
async function findTests(slow) {
  const names = await readdir(path.join(projectRoot, 'test'), { recursive: true });
  return names
    .filter((name) => name.endsWith('.test.ts') && name.startsWith(`slow${path.sep}`) === slow)
    .map((name) => path.join(projectRoot, 'test', name))
    .sort();
}

/**
 * @param {string} file
 * @returns {Promise<Counts>}
 */
async function readCounts(file) {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch {
    return { passed: 0, failed: 0, skipped: 0 };
  }
}
