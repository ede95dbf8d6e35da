/** gradinit upload: uploads files to which jobs can refer. */
import { AppError } from '../errors.ts';
import { abortOnSignals } from './abort-on-signals.ts';
import { parseFlags } from './args.ts';
import { connect, serviceFlags, serviceUsage } from './service.ts';
import { uploadFiles, uploadKinds } from './upload-files.ts';

export const usage = `usage: gradinit upload FILE... [OPTIONS]

Uploads the files of one dataset, a topology, or weights, and prints the reference that jobs name.

  --kind NAME              ${uploadKinds.join(', ')} (default: what the service recognises)
${serviceUsage}`;

export async function run(args: readonly string[]): Promise<number> {
  const parsed = parseFlags(args, { ...serviceFlags, kind: { type: 'string' } }, usage);
  if (!parsed) return 0;
  const { values, positionals } = parsed;
  if (positionals.length === 0) throw new AppError('USAGE', `expected a file\n\n${usage}`);
  const kind = uploadKinds.find((name) => name === values.kind);
  if (values.kind !== undefined && kind === undefined)
    throw new AppError('USAGE', `--kind must be one of ${uploadKinds.join(', ')}, got "${values.kind}"`);
  const { signal, release } = abortOnSignals();
  try {
    const upload = await uploadFiles(connect(values), positionals, { kind, signal });
    console.log(values.json ? JSON.stringify(upload) : upload.ref);
    return 0;
  } finally {
    release();
  }
}
