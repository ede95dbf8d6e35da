/** All commands of the command line. Each is one file in this folder, which is loaded when the command is called. */
import type { Commands } from './command.ts';

/** The registry, keyed by the name of the command. */
export const commands: Commands = {
  init: { summary: 'initialise a model on a dataset and write the weights', load: () => import('./init.ts') },
  inspect: { summary: 'layers, shapes, parameters and memory of a model', load: () => import('./inspect.ts') },
  dataset: { summary: 'what a dataset holds and what will be done to it', load: () => import('./dataset.ts') },
  derivatives: {
    summary: 'gradient norms of a model on given inputs, and their derivatives by every scale',
    load: () => import('./derivatives.ts'),
  },
  verify: {
    summary: 'check second-order gradients of a model against finite differences',
    load: () => import('./verify.ts'),
  },
  compare: {
    summary: 'train a model from several initialisations, side by side',
    load: () => import('./compare.ts'),
  },
  recommend: {
    summary: 'say which initialisation a model needs on its data, if any',
    load: () => import('./recommend.ts'),
  },
  serve: { summary: 'run the service on this machine: API, workers, queue', load: () => import('./serve.ts') },
  submit: { summary: 'post a job to the service', load: () => import('./submit.ts') },
  list: { summary: 'jobs of the service, newest first', load: () => import('./list.ts') },
  status: { summary: 'how a job of the service stands', load: () => import('./status.ts') },
  wait: { summary: 'wait until a job of the service has finished', load: () => import('./wait.ts') },
  events: { summary: 'follow what happens in a job of the service', load: () => import('./events.ts') },
  logs: { summary: 'print the log of a job of the service', load: () => import('./logs.ts') },
  pause: { summary: 'let a job of the service leave its worker, to go on later', load: () => import('./pause.ts') },
  resume: { summary: 'let a paused job of the service go on', load: () => import('./resume.ts') },
  cancel: { summary: 'end a job of the service', load: () => import('./cancel.ts') },
  retry: { summary: 'run a failed, cancelled or expired job of the service again', load: () => import('./retry.ts') },
  delete: { summary: 'remove finished jobs of the service and their artifacts', load: () => import('./delete.ts') },
  download: { summary: 'fetch the artifacts of a job of the service', load: () => import('./download.ts') },
  upload: { summary: 'give the service a dataset, a topology or weights', load: () => import('./upload.ts') },
  zoo: { summary: 'list the built-in networks or print one', load: () => import('./zoo.ts') },
  key: { summary: 'make an API key', load: () => import('./key.ts') },
  replay: { summary: 'replay a recorded reference case', load: () => import('./replay.ts') },
  doctor: {
    summary: 'what runs where on this machine, and how to fix what does not',
    load: () => import('./doctor.ts'),
  },
  completion: {
    summary: 'print the completion script of a shell',
    load: async () => (await import('./completion.ts')).completionOf(commands),
  },
};
