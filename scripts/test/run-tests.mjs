/** Runs Node's test runner over test/ and returns the counts, which the runner only prints. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { projectRoot } from '../setup/paths.mjs';
import { startTypeScript } from '../start-typescript.mjs';

/** Time limit of a test file: longer than any test takes, so that only a hanging one reaches it. */
const testTimeoutMs = 15 * 60_000;

/**
 * @typedef {{ passed: number, failed: number, skipped: number }} Counts
 */

/**
 * Runs tests.
 *
 * @param {{ slow: boolean, files: readonly string[] }} selection without files: all of test/, or of test/slow
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
    // A runner that fails without a failed test (a crash, an invalid option) counts as one failure.
    return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Number of files that run concurrently: TensorFlow uses all cores in one process, so that two files suffice on small machines. */
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
