/** What a file of a command offers, and its line in the registry. */

export interface Command {
  /** The text of --help; the flags that shells complete are read from it. */
  readonly usage: string;
  /** Runs with the arguments after the command's name. Gives the exit code (docs/errors.md). Throws AppErrors. */
  readonly run: (args: readonly string[]) => Promise<number>;
}

export interface CommandEntry {
  /** One line. */
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

export type Commands = Readonly<Record<string, CommandEntry>>;
