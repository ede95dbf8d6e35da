/** Every command offers help and completion; what is no command or no flag is refused. */
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { projectRoot } from '../../scripts/setup/paths.mjs';
import { commands } from '../../src/cli/commands.ts';
import { flagsOf } from '../../src/cli/completion.ts';
import { version } from '../../src/version.ts';
import { temporaryFolder } from '../support/temporary.ts';

interface Ending {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const gradinit = (args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ending> =>
  promisify(execFile)(process.execPath, ['--import', 'tsx', 'src/cli.ts', ...args], {
    cwd: projectRoot,
    env: { ...process.env, ...env },
  }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }: Ending) => ({ code, stdout, stderr }),
  );

for (const [name, { load }] of Object.entries(commands)) {
  test(`${name}: its help names the command, --help and -h print it, an unknown flag is refused`, async (t) => {
    const { usage, run } = await load();
    assert.match(usage, new RegExp(`gradinit ${name}\\b`));
    const printed: string[] = [];
    t.mock.method(console, 'log', (text: string) => printed.push(text));
    assert.equal(await run(['--help']), 0);
    assert.equal(await run(['-h']), 0);
    assert.deepEqual(printed, [usage, usage]);
    await assert.rejects(run(['--no-such-flag']), { code: 'USAGE' });
  });
}

test('help and version', async () => {
  const help = await gradinit(['-h']);
  for (const name of Object.keys(commands)) assert.match(help.stdout, new RegExp(`^  ${name} `, 'm'));
  assert.deepEqual(await gradinit(['--version']), { code: 0, stdout: `${version}\n`, stderr: '' });
  assert.equal((await gradinit(['no-such-command'])).code, 2);
});

test('a service that cannot be reached is exit code 3, an address that is none 2', async () => {
  const unreachable = await gradinit(['status', 'job_0'], { GRADINIT_URL: 'http://127.0.0.1:9' });
  assert.equal(unreachable.code, 3);
  assert.match(unreachable.stderr, /^SERVICE_UNREACHABLE: /);
  assert.equal((await gradinit(['status', 'job_0'], { GRADINIT_URL: 'nowhere' })).code, 2);
});

test('bash completes commands and their flags', async () => {
  const script = path.join(await temporaryFolder(), 'gradinit.bash');
  await writeFile(script, (await gradinit(['completion', 'bash'])).stdout);
  const complete = (...words: string[]) => {
    const line = `source ${script}; COMP_WORDS=(gradinit ${words.map((word) => `"${word}"`).join(' ')}); COMP_CWORD=${words.length}; _gradinit; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', line], { encoding: 'utf8' });
    assert.equal(stderr, '');
    return stdout.split('\n').filter(Boolean);
  };
  assert.deepEqual(complete(''), Object.keys(commands));
  assert.deepEqual(complete('do'), ['download', 'doctor']);
  const { submit } = commands;
  assert.ok(submit);
  const flags = flagsOf(await submit.load());
  assert.ok(flags.includes('--cancel-on-interrupt'));
  assert.deepEqual(complete('submit', '--'), flags);
});

for (const shell of ['zsh', 'fish'])
  test(`the completion of ${shell} names every command and flag`, async () => {
    const { stdout } = await gradinit(['completion', shell]);
    for (const [name, { load }] of Object.entries(commands)) {
      assert.ok(stdout.includes(name));
      for (const flag of flagsOf(await load()))
        assert.ok(stdout.includes(shell === 'fish' ? `-l ${flag.slice(2)}` : flag));
    }
  });
