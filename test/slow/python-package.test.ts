/** The Python package as pip installs it, with the frameworks and trackers that its extras name, against a service of this file. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../scripts/setup/paths.mjs';
import { preparePython } from '../support/python.ts';
import { readmeBlock } from '../support/readme.ts';
import { runningService } from '../support/service.ts';
import { temporaryFolder } from '../support/temporary.ts';

const folder = path.join(projectRoot, 'clients', 'python');
/** mlflow-skinny writes runs to files without the server, the database and the plots of mlflow. */
const packages = [
  'hatchling==1.28.0',
  'httpx==0.28.1',
  'httpx-sse==0.4.3',
  'numpy>=1.26,<3',
  'safetensors==0.6.2',
  'torch==2.15.0',
  'keras==3.15.0',
  'tqdm==4.70.1',
  'mlflow-skinny==3.17.2',
  'wandb==0.31.0',
];

test('every extra of the package is tried here', () => {
  const project = readFileSync(path.join(folder, 'pyproject.toml'), 'utf8');
  const [, extras = ''] = /\[project\.optional-dependencies\]\n([^[]*)\n\n/.exec(project) ?? [];
  const named = [...extras.matchAll(/"([a-z-]+)/g)].map(([, name = '']) => name);
  assert.ok(named.length > 5);
  for (const name of named)
    assert.ok(
      packages.some((entry) => entry.startsWith(name)),
      name,
    );
});

test('the built package carries models, weights, progress and runs between frameworks and the service', async (t) => {
  const python = await preparePython(packages);
  if (typeof python === 'string') return t.skip(python);
  const out = await temporaryFolder();
  const call = (args: readonly string[], env: NodeJS.ProcessEnv) => {
    const { status, stdout, stderr } = spawnSync(python.command, args, { cwd: out, env, encoding: 'utf8' });
    assert.equal(status, 0, `${stdout}${stderr}`);
    return `${stdout}${stderr}`;
  };
  call(['-m', 'hatchling', 'build', '-t', 'wheel', '-d', out], { ...python.env, PWD: folder });
  const installed = path.join(out, 'installed');
  const options = ['--quiet', '--no-deps', '--no-index', '--find-links', out, '--target', installed];
  call(['-m', 'pip', 'install', ...options, 'gradinit'], python.env);
  const service = await runningService();
  const env = {
    ...python.env,
    PYTHONPATH: [installed, python.env.PYTHONPATH].join(path.delimiter),
    GRADINIT_URL: service.url,
    KERAS_BACKEND: 'torch',
  };
  const said = call(['-m', 'unittest', 'discover', '-s', path.join(folder, 'tests', 'frameworks')], env);
  assert.match(said, /Ran \d\d tests/);
  for (const [heading, word] of [
    ['Python and Keras', 'keras'],
    ['Python and PyTorch', 'torch'],
  ] as const) {
    const door = `${readmeBlock(heading, 'python', service.url)}\nprint("loaded", type(model).__module__)\n`;
    assert.match(call(['-c', door], env), new RegExp(`loaded .*${word}`));
  }
});
