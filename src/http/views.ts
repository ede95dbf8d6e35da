/** Answers made from stored records: their fields, and links. */
import type { FastifyRequest } from 'fastify';
import type { JobRecord } from '../contract/job-state.ts';
import type { Caller } from './app-types.ts';
import type { Job } from './schemas/job.ts';

/** The base of links in answers to a request. */
export const baseUrl = (request: FastifyRequest, publicUrl: string | null): string =>
  publicUrl?.replace(/\/+$/, '') ?? `${request.protocol}://${request.host}`;

/** The owner whose jobs and datasets a caller may see; null: those of every owner. */
export const visibleOwner = ({ isAdmin, name }: Caller): string | null => (isAdmin ? null : name);

export function jobView(record: JobRecord, queuePosition: number | null, base: string): Job {
  const self = `${base}/v1/jobs/${record.id}`;
  return {
    ...record,
    queuePosition,
    links: {
      self,
      events: `${self}/events`,
      logs: `${self}/logs`,
      artifacts: `${self}/artifacts`,
      weights: `${self}/weights`,
      deliveries: `${self}/deliveries`,
      cancel: `${self}/cancel`,
      pause: `${self}/pause`,
      resume: `${self}/resume`,
      retry: `${self}/retry`,
    },
  };
}
