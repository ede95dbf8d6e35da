/** gradinit submit: submits a job, from files of this machine, to the service. */
import { AppError } from '../errors.ts';
import { abortOnSignals } from './abort-on-signals.ts';
import { jsonFlag, parseFlags } from './args.ts';
import { connect, reportJob, serviceFlags, serviceUsage } from './service.ts';
import { specFlags, specOf, specUsage } from './spec-flags.ts';
import { uploadFiles } from './upload-files.ts';
import { waitForJob } from './wait-for-job.ts';

export const usage = `usage: gradinit submit --model FILE | --zoo NAME  --dataset REF | --upload FILE  --method NAME [OPTIONS]

Prints the id of the job. References are read by the service: builtin:, dataset:ID, https://, file: below its DATA_ROOT.

${specUsage}
  --upload FILE            upload this file as the dataset; repeat it for a format of several files
  --upload-weights FILE    start from these weights: safetensors or npz
  --metadata JSON          texts that the job carries, for example {"pipeline":"nightly-42"}
  --idempotency-key KEY    the same key and job again give the job that is there
  --wait                   show the progress and return when the job has finished; exit code 1 when it did not succeed.
                           Ctrl-C ends the command, the job goes on
  --cancel-on-interrupt    with --wait: Ctrl-C cancels the job
${serviceUsage}`;

const flags = {
  ...specFlags,
  ...serviceFlags,
  upload: { type: 'string', multiple: true },
  'upload-weights': { type: 'string' },
  metadata: { type: 'string' },
  'idempotency-key': { type: 'string' },
  wait: { type: 'boolean' },
  'cancel-on-interrupt': { type: 'boolean' },
} as const;

/** Placeholder for the reference of files that are uploaded only after everything else has been checked. */
const later = 'dataset:to-be-uploaded';

export async function run(args: readonly string[]): Promise<number> {
  const parsed = parseFlags(args, flags, usage);
  if (!parsed) return 0;
  const { values } = parsed;
  const { upload: dataFiles, 'upload-weights': weightsFile } = values;
  if (dataFiles !== undefined && values.dataset !== undefined)
    throw new AppError('USAGE', 'give either --dataset REF or --upload FILE');
  if (weightsFile !== undefined && values.weights !== undefined)
    throw new AppError('USAGE', 'give either --weights REF or --upload-weights FILE');
  const client = connect(values);
  const { signal, release } = abortOnSignals();
  try {
    const metadata = values.metadata === undefined ? {} : { metadata: jsonFlag(values.metadata, '--metadata') };
    const references = { ...(dataFiles ? { dataset: later } : {}), ...(weightsFile ? { weights: later } : {}) };
    const spec = await specOf({ ...values, ...references }, metadata);
    const dataset = dataFiles
      ? { dataset: { ...spec.dataset, ref: (await uploadFiles(client, dataFiles, { kind: 'dataset', signal })).ref } }
      : {};
    const weights = weightsFile
      ? { weights: { ref: (await uploadFiles(client, [weightsFile], { kind: 'weights', signal })).ref } }
      : {};
    const model =
      'ref' in spec.model && values.model !== undefined
        ? { model: { ref: (await uploadFiles(client, [values.model], { kind: 'model', signal })).ref } }
        : {};
    const key = values['idempotency-key'];
    const job = await client.submit(
      { ...spec, ...model, ...dataset, ...weights },
      { signal, ...(key === undefined ? {} : { idempotencyKey: key }) },
    );
    if (values.wait) {
      const cancelOnInterrupt = values['cancel-on-interrupt'] ?? false;
      return reportJob(await waitForJob(client, job.id, { signal, cancelOnInterrupt }), values.json ?? false);
    }
    console.log(values.json ? JSON.stringify(job) : job.id);
    return 0;
  } finally {
    release();
  }
}
