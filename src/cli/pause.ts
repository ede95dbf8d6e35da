/** gradinit pause: a job leaves the queue or its worker, to go on later. */
import { jobCommand, serviceUsage } from './service.ts';

export const usage = `usage: gradinit pause JOB [OPTIONS]

A job that waits leaves the queue; one that runs writes a checkpoint and leaves its worker. Exit code 0: asked for.

${serviceUsage}`;

/** Runs the command. */
export const run = jobCommand(usage, (client, id) => client.pause(id));
