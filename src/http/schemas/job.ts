/** Jobs as clients see them. */
import { type Static, Type } from 'typebox';
import { jobIdPattern } from '../../contract/job-id.ts';
import { JobRecord, jobStatuses } from '../../contract/job-state.ts';
import { nullable, strict } from './common.ts';

export const JobParams = strict({
  id: Type.String({ minLength: 1, maxLength: 100, description: `A job id: ${jobIdPattern}` }),
});

export const Job = strict(
  {
    ...JobRecord.properties,
    queuePosition: nullable(
      Type.Integer({ minimum: 1, description: '1 is the next; null when the job does not wait.' }),
    ),
    links: strict({
      self: Type.String(),
      events: Type.String(),
      artifacts: Type.String(),
      weights: Type.String({ description: 'Takes ?format=.' }),
      cancel: Type.String(),
      retry: Type.String(),
    }),
  },
  { description: 'A job: the wish, how far it is, and where to go from here.' },
);
export type Job = Static<typeof Job>;

export const JobList = strict({ jobs: Type.Array(Job), has_more: Type.Boolean() });

export const ListQuery = strict({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
  after: Type.Optional(Type.String({ pattern: jobIdPattern, description: 'The last id of the page before.' })),
  status: Type.Optional(Type.Enum(jobStatuses)),
});

export const waitQuery = (maxSeconds: number) =>
  strict({
    wait: Type.Optional(Type.Number({ minimum: 0, maximum: maxSeconds, description: 'Seconds to wait for the end.' })),
  });

export const SubmitHeaders = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      pattern: '^[\\x21-\\x7e]{1,255}$',
      description: 'The same key with the same body gives the same answer, nothing twice; with another body 422.',
    }),
  ),
});
