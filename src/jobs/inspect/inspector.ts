/** Whatever clients send that may be large, slow or lying is looked at in processes of its own, so that it costs the API neither time nor memory. */
import { AppError } from '../../errors.ts';
import type { Description } from './describe.ts';
import type { InspectRequest } from './inspect-files.ts';
import { createPool } from './pool.ts';
import type { DatasetSamples } from './show-samples.ts';
import type { CheckRequest, RunFindings } from './tasks.ts';

export interface Inspector {
  /** Opens a file to its end. Throws what its format throws; DATASET_INVALID when it cannot be read in time or in memory; OVERLOADED */
  inspect(request: InspectRequest, tenant?: string): Promise<Description>;
  /** Opens a dataset and shows its first `count` samples. Throws as `inspect` does. */
  samples(request: InspectRequest, count: number, tenant?: string): Promise<DatasetSamples>;
  /** Reads a model and checks a run with it. Never throws for what is wrong with the specification; OVERLOADED */
  check(request: CheckRequest, tenant?: string): Promise<RunFindings>;
  /** The value of a JSON body, its topologies as texts. Throws REQUEST_MALFORMED, REQUEST_TOO_LARGE, OVERLOADED */
  readBody(bytes: Uint8Array, tenant?: string): Promise<unknown>;
  close(): void;
}

export interface InspectorOptions {
  /** A process without work ends after this. */
  readonly idleMs: number;
  /** A file that takes longer to read is refused. */
  readonly timeoutMs: number;
}

/** One more than a tenant may use at the same time, so that its slow files leave a process to others. */
const fileProcesses = 3;
const fileWaitMs = 60_000;
/** Models and bodies take a fraction of a second; what takes longer is refused. */
const checkProcesses = 2;
const checkMs = 20_000;

const unreadable =
  ({ label }: InspectRequest) =>
  (reason: string) =>
    new AppError('DATASET_INVALID', `${label}: could not be read: ${reason}`);

export function createInspector({ idleMs, timeoutMs }: InspectorOptions): Inspector {
  const files = createPool({ purpose: 'files', processes: fileProcesses, idleMs, timeoutMs, maxWaitMs: fileWaitMs });
  const checks = createPool({
    purpose: 'checks',
    processes: checkProcesses,
    idleMs,
    timeoutMs: checkMs,
    maxWaitMs: checkMs,
  });
  return {
    inspect: async (request, tenant = '') =>
      (await files.run({ task: { kind: 'file', request }, tenant, refusal: unreadable(request) })) as Description,
    samples: async (request, count, tenant = '') =>
      (await files.run({
        task: { kind: 'samples', request, count },
        tenant,
        refusal: unreadable(request),
      })) as DatasetSamples,
    check: async (request, tenant = '') =>
      (await checks.run({
        task: { kind: 'check', request },
        tenant,
        refusal: (reason) => new AppError('MODEL_TOO_LARGE', `the model could not be checked: ${reason}`),
      })) as RunFindings,
    readBody: (bytes, tenant = '') =>
      checks.run({
        task: { kind: 'body', bytes },
        tenant,
        refusal: (reason) => new AppError('REQUEST_TOO_LARGE', `the body could not be read: ${reason}`),
      }),
    close() {
      files.close();
      checks.close();
    },
  };
}
