/** gradinit completion: the completion script of a shell, generated from the registry of commands. */
import { AppError } from '../errors.ts';
import { parseFlags } from './args.ts';
import type { Command, Commands } from './command.ts';

const usage = `usage: gradinit completion bash|zsh|fish

Prints a script. For the running shell: source <(gradinit completion bash); to keep it, write it where the shell looks for
completions, for example ~/.local/share/bash-completion/completions/gradinit, or ~/.config/fish/completions/gradinit.fish.`;

interface CommandWords {
  readonly name: string;
  readonly summary: string;
  /** Flags with their leading hyphens. */
  readonly flags: readonly string[];
}

/** The flags that occur in the text of --help. */
export function flagsOf({ usage: text }: Pick<Command, 'usage'>): readonly string[] {
  return [...new Set([...text.matchAll(/(?<![\w-])--[a-z][a-z-]*/g)].map(([flag]) => flag)), '--help'];
}

function wordsOf(commands: Commands): Promise<readonly CommandWords[]> {
  return Promise.all(
    Object.entries(commands).map(async ([name, { summary, load }]) => ({
      name,
      summary,
      flags: flagsOf(await load()),
    })),
  );
}

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

const bash = (all: readonly CommandWords[]) => `_gradinit() {
  local word="\${COMP_WORDS[COMP_CWORD]}" words=
  if [ "$COMP_CWORD" -eq 1 ]; then words=${quoted(all.map(({ name }) => name).join(' '))}
  else case "\${COMP_WORDS[1]}" in
${all.map(({ name, flags }) => `    ${name}) words=${quoted(flags.join(' '))} ;;`).join('\n')}
  esac; fi
  if [ "$COMP_CWORD" -gt 1 ] && [[ "$word" != -* ]]; then mapfile -t COMPREPLY < <(compgen -f -- "$word")
  else mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word"); fi
}
complete -o filenames -F _gradinit gradinit
`;

const zsh = (all: readonly CommandWords[]) => `#compdef gradinit
_gradinit() {
  if (( CURRENT == 2 )); then
    local -a names=(
${all.map(({ name, summary }) => `      ${quoted(`${name}:${summary}`)}`).join('\n')}
    )
    _describe command names
    return
  fi
  case "\${words[2]}" in
${all.map(({ name, flags }) => `    ${name}) compadd -- ${flags.join(' ')} ;;`).join('\n')}
  esac
  _files
}
compdef _gradinit gradinit
`;

const fish = (all: readonly CommandWords[]) =>
  `${all
    .flatMap(({ name, summary, flags }) => [
      `complete -c gradinit -n __fish_use_subcommand -f -a ${name} -d ${quoted(summary)}`,
      ...flags.map((flag) => `complete -c gradinit -n '__fish_seen_subcommand_from ${name}' -l ${flag.slice(2)}`),
    ])
    .join('\n')}\n`;

const shells: Readonly<Record<string, (all: readonly CommandWords[]) => string>> = { bash, zsh, fish };

/** Creates the completion command for `commands`. */
export const completionOf = (commands: Commands): Command => ({
  usage,
  async run(args) {
    const parsed = parseFlags(args, {}, usage);
    if (!parsed) return 0;
    const [name = '', ...rest] = parsed.positionals;
    const script = Object.hasOwn(shells, name) && rest.length === 0 ? shells[name] : undefined;
    if (!script) throw new AppError('USAGE', `expected one of ${Object.keys(shells).join(', ')}\n\n${usage}`);
    process.stdout.write(script(await wordsOf(commands)));
    return 0;
  },
});
