/**
 * npm test [-- FILES]: installs what is missing, then runs lint, type checks and tests. The last line is 'N passed, N failed, N skipped': the number
 * of tests, from the runner's events; a failed lint or type check counts as one more failure. With --slow, only the tests in test/slow run.
 */
import './setup/require-node.mjs';
import { spawnSync } from 'node:child_process';
import path from 'node:path';

const { ensureSetup } = await import('./setup/ensure.mjs');
const { reportFailure } = await import('./setup/log.mjs');
const { projectRoot } = await import('./setup/paths.mjs');
const { runTests } = await import('./test/run-tests.mjs');

/**
 * @param {string} title
 * @param {string} script below node_modules
 * @param {readonly string[]} args
 */
function passes(title, script, args) {
  const { status } = spawnSync(process.execPath, [path.join(projectRoot, 'node_modules', script), ...args], {
    cwd: projectRoot,
    stdio: 'inherit',
  });
  console.log(`${title}: ${status === 0 ? 'ok' : 'failed'}`);
  return status === 0;
}

try {
  await ensureSetup();
  const args = process.argv.slice(2);
  const slow = args.includes('--slow');
  const files = args.filter((arg) => arg !== '--slow');
  const checks = slow
    ? []
    : [
        passes('lint', '@biomejs/biome/bin/biome', ['check', '--error-on-warnings']),
        passes('types', 'typescript/bin/tsc', ['--noEmit', '-p', '.']),
        passes('types of the page', 'typescript/bin/tsc', ['--noEmit', '-p', 'src/page']),
      ];
  const counts = await runTests({ slow, files });
  const failed = counts.failed + checks.filter((passed) => !passed).length;
  console.log(`${counts.passed} passed, ${failed} failed, ${counts.skipped} skipped`);
  process.exitCode = failed === 0 && counts.passed > 0 ? 0 : 1;
} catch (error) {
  reportFailure(error);
  process.exitCode = 1;
}
