/** Jobs as clients see them. */
import { type Static, Type } from 'typebox';
import { comparisonIdPattern } from '../../comparison/plan/record.ts';
import { jobIdPattern } from '../../contract/job-id.ts';
import { JobRecord } from '../../contract/job-state.ts';
import { jobStatuses } from '../../contract/job-status.ts';
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
      logs: Type.String({ description: 'With Accept: text/plain as text.' }),
      artifacts: Type.String(),
      weights: Type.String({ description: 'Takes ?format=.' }),
      deliveries: Type.String({ description: 'What was announced to webhooks.' }),
      cancel: Type.String(),
      pause: Type.String(),
      resume: Type.String(),
      retry: Type.String(),
    }),
  },
  { description: 'A job: the wish, how far it is, and where to go from here.' },
);
export type Job = Static<typeof Job>;

export const JobList = strict(
  {
    jobs: Type.Array(Job),
    has_more: Type.Boolean(),
    next: nullable(
      Type.String({
        description: '`after` of the next page; a page of a narrow filter may be empty and not the last.',
      }),
    ),
  },
  { description: 'A page of jobs, newest first.' },
);

const statusList = Type.String({ pattern: `^(${jobStatuses.join('|')})(,(${jobStatuses.join('|')}))*$` });
const metadataPair = Type.String({ pattern: '^[^=]+=', maxLength: 1200 });

const Instant = Type.String({
  pattern: '^\\d{4}-\\d{2}-\\d{2}(T\\d{2}:\\d{2}(:\\d{2}(\\.\\d{1,9})?)?(Z|[+-]\\d{2}:\\d{2}))?$',
  description: 'ISO 8601 with a zone, or a day in UTC.',
});

export const ListQuery = strict({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
  after: Type.Optional(
    Type.String({
      pattern: jobIdPattern,
      description: '`next` of the page before, or any job id; it need not exist any more.',
    }),
  ),
  status: Type.Optional(
    Type.Union([statusList, Type.Array(statusList, { maxItems: 10 })], {
      description: `Any of these, separated by commas or given several times: ${jobStatuses.join(', ')}.`,
    }),
  ),
  method: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
  comparison: Type.Optional(Type.String({ pattern: comparisonIdPattern, description: 'The cells of one comparison.' })),
  metadata: Type.Optional(
    Type.Union([metadataPair, Type.Array(metadataPair, { maxItems: 10 })], {
      description: 'KEY=VALUE; given several times, all must match.',
    }),
  ),
  created_from: Type.Optional(Instant),
  created_before: Type.Optional(Instant),
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
