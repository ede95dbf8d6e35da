#!/usr/bin/env node
/** The command line: one command per file in ./cli, loaded when it is called. Exit codes: docs/errors.md. */
import { reportFailure } from './cli/failure.ts';

type Command = (args: readonly string[]) => Promise<number>;

const commands: Readonly<Record<string, { summary: string; load: () => Promise<Command> }>> = {
  init: {
    summary: 'initialise a model on a dataset and write the weights',
    load: async () => (await import('./cli/init.ts')).init,
  },
  inspect: {
    summary: 'layers, shapes, parameters and memory of a model',
    load: async () => (await import('./cli/inspect.ts')).inspect,
  },
  dataset: {
    summary: 'what a dataset holds and what will be done to it',
    load: async () => (await import('./cli/dataset.ts')).dataset,
  },
  verify: {
    summary: 'check second-order gradients of a model against finite differences',
    load: async () => (await import('./cli/verify.ts')).verify,
  },
  submit: { summary: 'post a job to the service', load: async () => (await import('./cli/submit.ts')).submit },
  status: { summary: 'how a job of the service stands', load: async () => (await import('./cli/status.ts')).status },
  wait: {
    summary: 'wait until a job of the service has finished',
    load: async () => (await import('./cli/wait.ts')).wait,
  },
  events: {
    summary: 'follow what happens in a job of the service',
    load: async () => (await import('./cli/events.ts')).events,
  },
  logs: { summary: 'print the log of a job of the service', load: async () => (await import('./cli/logs.ts')).logs },
  cancel: { summary: 'end a job of the service', load: async () => (await import('./cli/cancel.ts')).cancel },
  download: {
    summary: 'fetch the artifacts of a job of the service',
    load: async () => (await import('./cli/download.ts')).download,
  },
  key: { summary: 'make an API key', load: async () => (await import('./cli/key.ts')).key },
  replay: { summary: 'replay a recorded reference case', load: async () => (await import('./cli/replay.ts')).replay },
  compare: {
    summary: 'train a model from several initialisations, side by side',
    load: async () => (await import('./cli/compare.ts')).compare,
  },
  zoo: { summary: 'list the built-in networks or print one', load: async () => (await import('./cli/zoo.ts')).zoo },
  doctor: {
    summary: 'what runs where on this machine, and how to fix what does not',
    load: async () => (await import('./cli/doctor.ts')).doctor,
  },
};

const usage = () =>
  [
    'usage: gradinit COMMAND [OPTIONS]',
    '',
    ...Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(10)} ${summary}`),
    '',
    'gradinit COMMAND --help tells the options.',
  ].join('\n');

async function main([name, ...args]: readonly string[]): Promise<number> {
  if (name === undefined || name === '--help' || name === 'help') {
    console.log(usage());
    return name === undefined ? 2 : 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) {
    console.error(`USAGE: there is no command "${name}"\n\n${usage()}`);
    return 2;
  }
  return (await command.load())(args);
}

// `gradinit events JOB | head` is not a failure: the reader has seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (thrown) {
  process.exitCode = reportFailure(thrown, 2);
}
