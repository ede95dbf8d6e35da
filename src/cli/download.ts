/** gradinit download: the artifacts of a job onto this machine, resumed where an earlier call broke off, each checked by its sha256. */
import { stat } from 'node:fs/promises';
import type { Artifact, Client } from '../client/index.ts';
import { AppError } from '../errors.ts';
import { abortOnSignals } from './abort-on-signals.ts';
import { parseFlags, required } from './args.ts';
import { connect, oneId, serviceFlags, serviceUsage } from './service.ts';

const usage = `usage: gradinit download JOB --out DIR [OPTIONS]

  --out DIR                where the files go, under their names
  --name NAME              this artifact alone, for example weights.safetensors
${serviceUsage}`;

const flags = { ...serviceFlags, out: { type: 'string' }, name: { type: 'string' } } as const;

async function checkFolder(out: string): Promise<void> {
  const there = await stat(out).catch(() => null);
  if (there !== null && !there.isDirectory())
    throw new AppError('OUTPUT_UNWRITABLE', `${out} is a file; name a folder`);
}

/** Runs the command. */
export async function download(args: readonly string[]): Promise<number> {
  const parsed = parseFlags(args, flags, usage);
  if (!parsed) return 0;
  const { values, positionals } = parsed;
  const [id, out] = [oneId(positionals, usage), required(values.out, '--out')];
  await checkFolder(out);
  const { signal, release } = abortOnSignals();
  try {
    const files = await fetchFiles(connect(values), id, out, values.name, signal);
    if (values.json) console.log(JSON.stringify({ id, out, files }));
    else for (const { name, bytes, sha256 } of files) console.log(`${sha256}  ${String(bytes).padStart(12)}  ${name}`);
    return 0;
  } finally {
    release();
  }
}

async function fetchFiles(
  client: Client,
  id: string,
  out: string,
  name: string | undefined,
  signal: AbortSignal,
): Promise<readonly Artifact[]> {
  if (name === undefined) return client.downloadAll(id, out, { signal });
  return [await client.download(id, name, out, { signal })];
}
