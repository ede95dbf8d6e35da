/** A child process that loads TensorFlow ahead of time and runs one job. The handle sends and receives messages, and reports the end of the process. */
import { fork } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from '../src/config/config.ts';
import type { Device } from './devices.ts';
import type { BackendReport, FromChild, ToChild } from './messages.ts';

export interface ChildEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last part of its standard error. */
  readonly stderrTail: string;
}

export interface Child {
  readonly pid: number;
  /** Resolves when the child can take a run. Rejects when it dies or fails before. */
  readonly ready: Promise<BackendReport>;
  /** Resolves when the process has ended, so that the device is free. */
  readonly ended: Promise<ChildEnd>;
  send(message: ToChild): void;
  /** Sets the listener, of which there is one at a time. */
  listen(listener: (message: FromChild) => void): void;
  kill(): void;
}

const keptCharacters = 2000;

// The file extension of this module: .ts when run from source, .js in a build.
const entry = fileURLToPath(new URL(`./processor${path.extname(import.meta.url)}`, import.meta.url));

export function startChild(device: Device, threads: number): Child {
  const process_ = fork(entry, [], {
    env: childEnvironment({
      CUDA_VISIBLE_DEVICES: device.gpu ?? '-1',
      GRADINIT_PARENT: String(process.pid),
      TF_NUM_INTRAOP_THREADS: String(threads),
    }),
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
  let stderrTail = '';
  process_.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderrTail = (stderrTail + text).slice(-keptCharacters);
  });
  const ended = new Promise<ChildEnd>((resolve) => {
    process_.once('error', (error) => resolve({ code: null, signal: null, stderrTail: error.message }));
    process_.once('close', (code, signal) => resolve({ code, signal, stderrTail: stderrTail.trim() }));
  });
  let listener: (message: FromChild) => void = () => {};
  const ready = new Promise<BackendReport>((resolve, reject) => {
    process_.on('message', (message: FromChild) => {
      if (message.type === 'ready') resolve(message.backend);
      else listener(message);
    });
    ended.then((end) => reject(new Error(describeEnd(end))));
  });
  // Callers that await `ready` receive the rejection; a spare child may have none, and an unhandled rejection would end the process.
  ready.catch(() => {});
  return {
    pid: process_.pid ?? 0,
    ready,
    ended,
    send: (message) => {
      // The channel closes when the child dies, which `ended` reports.
      if (process_.connected) process_.send(message, () => {});
    },
    listen: (next) => {
      listener = next;
    },
    kill: () => {
      process_.kill('SIGKILL');
    },
  };
}

/** The end of a process in words, with the last line of its standard error. */
export function describeEnd({ code, signal, stderrTail }: ChildEnd): string {
  const how = signal !== null ? `was ended by ${signal}` : `ended with code ${code}`;
  const lastLine = stderrTail.split('\n').at(-1) ?? '';
  return `the process ${how}${lastLine === '' ? '' : ` (${lastLine.slice(0, 300)})`}`;
}
