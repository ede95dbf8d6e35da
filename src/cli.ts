#!/usr/bin/env node
/** The command line. Each command is one file in ./cli. Exit codes: docs/errors.md. */
import { commands } from './cli/commands.ts';
import { reportFailure } from './cli/failure.ts';
import { version } from './version.ts';

const usage = () =>
  [
    'usage: gradinit COMMAND [OPTIONS]',
    '',
    ...Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(11)} ${summary}`),
    '',
    'gradinit COMMAND --help shows the options of a command, gradinit --version the version.',
  ].join('\n');

async function main([name, ...args]: readonly string[]): Promise<number> {
  if (name === undefined || ['--help', '-h', 'help'].includes(name)) {
    console.log(usage());
    return name === undefined ? 2 : 0;
  }
  if (['--version', '-V', 'version'].includes(name)) {
    console.log(version);
    return 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) {
    console.error(`USAGE: there is no command "${name}"\n\n${usage()}`);
    return 2;
  }
  return (await command.load()).run(args);
}

// `gradinit events JOB | head` closes the pipe early, which is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (thrown) {
  process.exitCode = reportFailure(thrown, 2);
}
