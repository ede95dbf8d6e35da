/** Events of a job. */
import { Type } from 'typebox';
import { parseEventId } from '../../contract/event-id.ts';
import { LogLine } from '../../contract/log-line.ts';
import { AppError } from '../../errors.ts';
import { strict } from './common.ts';

export const JobEvent = strict(
  {
    id: Type.String({ description: 'Grows; resumes the stream as Last-Event-ID or ?after=.' }),
    type: Type.Enum(['status', 'progress', 'log']),
    at: Type.String(),
    data: Type.Record(Type.String(), Type.Unknown()),
  },
  {
    description:
      'progress carries the metrics of an iteration, now and then the scales by parameter too; status the way of the job, log a line of text.',
  },
);

export const EventList = strict(
  { events: Type.Array(JobEvent), has_more: Type.Boolean() },
  { description: 'A page of events, oldest first.' },
);

/** Oldest first. */
export const LogPage = strict(
  { lines: Type.Array(LogLine), has_more: Type.Boolean() },
  { description: 'A page of the log, oldest line first.' },
);

const eventId = '^[0-9]{1,20}(-[0-9]{1,20})?$';

export const EventsQuery = strict({
  after: Type.Optional(Type.String({ pattern: eventId, description: 'Id of the last event that is known.' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
});

export const EventsHeaders = Type.Object({ 'last-event-id': Type.Optional(Type.String({ pattern: eventId })) });

/**
 * Id of the last event that a client has received, '' for none. The query takes precedence over the header.
 *
 * @throws INVALID_INPUT for a number of 2^63 or more, which the pattern cannot refuse
 */
export function cursorOf(after: string | undefined, lastEventId: string | undefined): string {
  const [text, pointer] = after === undefined ? [lastEventId, '/header/last-event-id'] : [after, '/query/after'];
  if (text === undefined) return '';
  const id = parseEventId(text);
  if (id !== null) return id;
  const message = `is ${text}: the parts of an event id are smaller than 2^63`;
  throw new AppError('INVALID_INPUT', `${pointer.slice(1).replace('/', ' ')} ${message}`, {
    problems: [{ pointer, message }],
  });
}
