/** The log of the API: JSON lines, keys never in them. */
import { type DestinationStream, type Logger, pino } from 'pino';

/** Where a library may write the headers of a request: the parser of uploads does, at level trace. */
const secrets = [
  'headers.authorization',
  '*.headers.authorization',
  '*.authorization',
  'headers.cookie',
  '*.headers.cookie',
];

export interface LogOptions {
  readonly level: string;
  readonly name: string;
  /** Default: standard output. */
  readonly destination?: DestinationStream;
}

export function createLog({ level, name, destination }: LogOptions): Logger {
  const options = { level, name, redact: secrets };
  return destination === undefined ? pino(options) : pino(options, destination);
}
