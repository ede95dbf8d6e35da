/** gradinit serve: runs the whole service on this machine. */
import { parseFlags } from './args.ts';

export const usage = `usage: gradinit serve

Runs the API and a worker for each device on this machine, with a Valkey server of its own unless REDIS_URL names one, until Ctrl-C.
Settings are environment variables (docs/configuration.md): PORT, STATE_DIR, DEVICES, API_KEYS, ...`;

export async function run(args: readonly string[]): Promise<number> {
  if (!parseFlags(args, {}, usage)) return 0;
  const { serve } = await import('../local/serve.ts');
  return serve();
}
