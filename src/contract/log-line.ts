/** The log of a job: its events, except progress, as lines with a text for people and data for programs. */
import { type Static, Type } from 'typebox';
import type { JobEvent } from './job-state.ts';

const logLevels = ['info', 'warn', 'error'] as const;
type LogLevel = (typeof logLevels)[number];

export const LogLine = Type.Object(
  {
    id: Type.String({ description: 'That of the event; grows, and is a cursor for ?after=.' }),
    at: Type.String({ description: 'ISO 8601, UTC.' }),
    level: Type.Enum(logLevels),
    message: Type.String(),
    data: Type.Record(Type.String(), Type.Unknown(), { description: 'The numbers and names of the message.' }),
  },
  { additionalProperties: false },
);
export type LogLine = Static<typeof LogLine>;

const isLevel = (value: unknown): value is LogLevel => logLevels.some((level) => level === value);

/** The text of a change of status: "running: initializing", "failed: DIVERGED: iteration 3: ...". */
function statusLine(data: JobEvent['data']): Pick<LogLine, 'level' | 'message'> {
  const { status, phase, attempt, reason, error } = data;
  if (typeof error === 'object' && error !== null) {
    const { code, message } = error as Record<string, unknown>;
    return { level: 'error', message: `${status}: ${code}: ${message}` };
  }
  if (typeof reason === 'string') return { level: 'warn', message: `waiting for another attempt: ${reason}` };
  const begun = typeof attempt === 'number' ? `, attempt ${attempt}` : '';
  return { level: 'info', message: `${status}${begun}${typeof phase === 'string' ? `: ${phase}` : ''}` };
}

/** An event as a line of the log; null for progress events. */
export function logLineOf({ id, type, at, data }: JobEvent): LogLine | null {
  if (type === 'progress') return null;
  if (type === 'status') return { id, at, ...statusLine(data), data };
  const { level, message, ...rest } = data;
  return { id, at, level: isLevel(level) ? level : 'info', message: String(message), data: rest };
}

/** A line of the log as text; line breaks inside the message are kept and indented. */
export const logText = ({ at, level, message }: LogLine): string =>
  `${at}  ${level.toUpperCase().padEnd(5)}  ${message.replaceAll('\n', '\n    ')}`;
