/** The log of the API: lines of JSON without keys. */
import { type DestinationStream, type Logger, pino } from 'pino';

/** Paths under which a library may log the headers of a request. The parser of uploads does so at level trace. */
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
