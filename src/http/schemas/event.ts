/** Events of a job. */
import { Type } from 'typebox';
import { strict } from './common.ts';

export const JobEvent = strict(
  {
    id: Type.String({ description: 'Grows; resumes the stream as Last-Event-ID or ?after=.' }),
    type: Type.Enum(['status', 'progress', 'log']),
    at: Type.String(),
    data: Type.Record(Type.String(), Type.Unknown()),
  },
  { description: 'progress carries the metrics of an iteration, status the way of the job.' },
);

export const EventList = strict({ events: Type.Array(JobEvent), has_more: Type.Boolean() });

const eventId = '^[0-9]{1,20}(-[0-9]{1,20})?$';

export const EventsQuery = strict({
  after: Type.Optional(Type.String({ pattern: eventId, description: 'Id of the last event that is known.' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
});

export const EventsHeaders = Type.Object({ 'last-event-id': Type.Optional(Type.String({ pattern: eventId })) });
