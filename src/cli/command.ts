/** The interface of a command's module, and its entry in the registry. */

export interface Command {
  /** The text of --help; shell completion reads the flags from it. */
  readonly usage: string;
  /** Runs the command with the arguments after its name. Returns the exit code (docs/errors.md). Throws AppErrors. */
  readonly run: (args: readonly string[]) => Promise<number>;
}

export interface CommandEntry {
  /** A description of one line. */
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

export type Commands = Readonly<Record<string, CommandEntry>>;
