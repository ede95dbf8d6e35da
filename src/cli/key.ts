/** gradinit key: creates a bearer token and the entry of API_KEYS that accepts it. */
import { createKey, scopes } from '../http/api-keys.ts';
import { parseFlags, required } from './args.ts';

export const usage = `usage: gradinit key --name NAME [OPTIONS]

The token is shown once; the server keeps its SHA-256 alone.

  --name NAME              whose jobs and datasets they are
  --scope SCOPE            ${scopes.join(', ')}; may be repeated (default jobs:read and jobs:write)
  --json                   { token, entry } on standard output`;

const flags = {
  name: { type: 'string' },
  scope: { type: 'string', multiple: true },
  json: { type: 'boolean' },
} as const;

export async function run(args: readonly string[]): Promise<number> {
  const parsed = parseFlags(args, flags, usage);
  if (!parsed) return 0;
  const { name, scope = ['jobs:read', 'jobs:write'], json } = parsed.values;
  const made = createKey(required(name, '--name'), scope);
  if (json) console.log(JSON.stringify(made));
  else
    console.log(
      `token for the client (GRADINIT_API_KEY):\n  ${made.token}\nentry for the server (API_KEYS):\n  ${made.entry}`,
    );
  return 0;
}
