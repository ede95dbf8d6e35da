/** Kinds of environment variables: how a text becomes a value, and what is said when it does not. */

export interface Variable<T> {
  readonly name: string;
  readonly description: string;
  /** The default as the README shows it. */
  readonly shown: string;
  /** Undefined when the variable is not set. Throws an Error whose message goes on after the variable's name. */
  parse(value: string | undefined): T;
}

interface Range {
  readonly minimum?: number;
  readonly maximum?: number;
  /** Where the default depends on the machine. */
  readonly shown?: string;
}

const refuse = (value: string, expected: string) =>
  new Error(`is ${JSON.stringify(value.slice(0, 100))}: expected ${expected}`);

function variable<T>(
  name: string,
  fallback: T,
  description: string,
  shown: string,
  read: (value: string) => T,
): Variable<T> {
  return { name, description, shown, parse: (value) => (value === undefined ? fallback : read(value)) };
}

function inRange(
  value: number,
  given: string,
  kind: string,
  { minimum = 0, maximum = Number.MAX_SAFE_INTEGER }: Range,
): number {
  if (value >= minimum && value <= maximum) return value;
  throw refuse(
    given,
    maximum === Number.MAX_SAFE_INTEGER ? `${kind} of at least ${minimum}` : `${kind} from ${minimum} to ${maximum}`,
  );
}

/** `shown` where the default depends on the machine. */
export const text = (name: string, fallback: string, description: string, shown = fallback) =>
  variable(name, fallback, description, shown, (value) => value);

export const optionalText = (name: string, description: string) =>
  variable<string | null>(name, null, description, '', (value) => value);

export const integer = (name: string, fallback: number, description: string, range: Range = {}) =>
  variable(name, fallback, description, range.shown ?? String(fallback), (value) =>
    inRange(/^\d+$/.test(value) ? Number(value) : Number.NaN, value, 'a whole number', range),
  );

/** A duration in seconds; fractions are allowed, zero only where the range says so. */
export const seconds = (name: string, fallback: number, description: string, range: Range = { minimum: 0.01 }) =>
  variable(name, fallback, description, String(fallback), (value) =>
    inRange(/^\d+(\.\d+)?$/.test(value) ? Number(value) : Number.NaN, value, 'a number of seconds', {
      maximum: 100 * 365 * 86_400,
      ...range,
    }),
  );

export const flag = (name: string, fallback: boolean, description: string) =>
  variable(name, fallback, description, String(fallback), (value) => {
    if (['true', '1', 'yes', 'on'].includes(value.toLowerCase())) return true;
    if (['false', '0', 'no', 'off'].includes(value.toLowerCase())) return false;
    throw refuse(value, 'true or false');
  });

const entriesOf = (value: string) =>
  value
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');

/** Comma-separated; spaces around the commas do not count. */
export const list = (name: string, fallback: readonly string[], description: string) =>
  variable(name, fallback, description, fallback.join(','), entriesOf);

/** Comma-separated, of the given words only. */
export const someOf = <const T extends string>(
  name: string,
  choices: readonly T[],
  fallback: readonly NoInfer<T>[],
  description: string,
) =>
  variable<readonly T[]>(name, fallback, `${description} Out of ${choices.join(', ')}.`, fallback.join(','), (value) =>
    entriesOf(value).map((entry) => {
      const choice = choices.find((candidate) => candidate === entry);
      if (choice === undefined) throw refuse(value, `words out of ${choices.join(', ')}, comma-separated`);
      return choice;
    }),
  );

export const oneOf = <const T extends string>(
  name: string,
  choices: readonly T[],
  fallback: NoInfer<T>,
  description: string,
) =>
  variable<T>(name, fallback, `${description} One of ${choices.join(', ')}.`, fallback, (value) => {
    const choice = choices.find((candidate) => candidate === value);
    if (choice === undefined) throw refuse(value, choices.join(', '));
    return choice;
  });
