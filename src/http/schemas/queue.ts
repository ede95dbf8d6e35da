/** The state of the queue, for operators. */
import { type Static, Type } from 'typebox';
import { jobStatuses } from '../../contract/job-status.ts';
import { strict } from './common.ts';

const Counts = Type.Object(Object.fromEntries(jobStatuses.map((status) => [status, Type.Integer({ minimum: 0 })])), {
  additionalProperties: false,
  description: 'How many jobs are in each status.',
});

export const QueueState = strict(
  {
    jobs: Counts,
    tenants: Type.Array(
      strict({ name: Type.String({ description: 'Name of the key; empty without keys.' }), jobs: Counts }),
      {
        description: 'One entry for each name of API_KEYS that the caller may see: its own, or all of them for admins.',
      },
    ),
  },
  { description: 'Jobs by status, altogether and by tenant, as far as the key may see them.' },
);
export type QueueState = Static<typeof QueueState>;
