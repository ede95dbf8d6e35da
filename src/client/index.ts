/**
 * The typed client of the service. It needs only `fetch`. The command line, the demo and the tests use it.
 *
 *   const client = createClient({ baseUrl: 'http://127.0.0.1:8080' });
 *   const job = await client.submit({ model, dataset: { ref: 'builtin:digits' }, method: { name: 'gradinit' } });
 *   await client.wait(job.id);
 *   await client.downloadAll(job.id, 'out');
 */
import { randomUUID } from 'node:crypto';
import { isTerminal } from '../contract/job-status.ts';
import { AppError } from '../errors.ts';
import { createComparisonClient } from './comparisons.ts';
import { type DownloadOptions, downloadArtifact, placeOf } from './download.ts';
import { followEvents } from './events.ts';
import { longPoll, type WaitOptions } from './long-poll.ts';
import { createTransport, type TransportOptions } from './transport.ts';
import type {
  Artifact,
  ArtifactPage,
  DatasetReport,
  DatasetRequest,
  DatasetSamples,
  Delivery,
  DeliveryPage,
  Job,
  JobEvent,
  JobFilter,
  JobPage,
  JobRequest,
  JobStatus,
  LogLine,
  LogPage,
  Signalled,
  SubmitOptions,
  Upload,
  UploadPage,
  Validation,
} from './types.ts';

export { isComparisonOver } from './comparisons.ts';
export type { WaitOptions } from './long-poll.ts';
export type * from './types.ts';

/** Options of an upload. */
export interface UploadOptions extends Signalled {
  /** Default: the kind that the service recognises. */
  readonly kind?: Upload['kind'] | undefined;
}

const longestUploadMs = 3_600_000;

/** True for a final status. */
export const isFinished: (status: JobStatus) => boolean = isTerminal;

const jobPath = (id: string, rest = '') => `/v1/jobs/${encodeURIComponent(id)}${rest}`;
const artifactPath = (id: string, name: string) =>
  jobPath(id, `/artifacts/${name.split('/').map(encodeURIComponent).join('/')}`);

/** Creates a client of one service. Every method throws AppErrors with the codes of the service, or SERVICE_UNREACHABLE. */
export function createClient(options: TransportOptions) {
  const transport = createTransport(options);

  const get = (id: string, { signal }: Signalled = {}) => transport.json<Job>({ path: jobPath(id), signal });

  /** Polls until the job has finished or the time is over; resolves with the job in whatever status it then has. */
  const wait = (id: string, given: WaitOptions = {}): Promise<Job> =>
    longPoll(
      (seconds) =>
        transport.json<Job>({
          path: jobPath(id),
          query: { wait: seconds },
          timeoutMs: seconds * 1000,
          signal: given.signal,
        }),
      ({ status }) => isFinished(status),
      given,
    );

  async function artifacts(id: string, { signal }: Signalled = {}): Promise<readonly Artifact[]> {
    const { artifacts: listed } = await transport.json<ArtifactPage>({
      path: jobPath(id, '/artifacts'),
      signal,
    });
    return listed;
  }

  /** Downloads one artifact, by its name in the listing, to a path below `folder`; an earlier broken download is continued, and the digest is checked. */
  async function download(id: string, name: string, folder: string, given: DownloadOptions = {}): Promise<Artifact> {
    const listed = await artifacts(id, given);
    const artifact = listed.find((candidate) => candidate.name === name);
    if (artifact === undefined) {
      throw new AppError(
        'ARTIFACT_NOT_FOUND',
        `the job has no artifact ${JSON.stringify(name)}; there are ${listed.map((entry) => entry.name).join(', ')}`,
      );
    }
    await downloadArtifact(transport, artifactPath(id, name), artifact, placeOf(folder, name), given);
    return artifact;
  }

  /** Downloads every artifact to a path below `folder`. */
  async function downloadAll(id: string, folder: string, given: DownloadOptions = {}): Promise<readonly Artifact[]> {
    const listed = await artifacts(id, given);
    for (const artifact of listed)
      await downloadArtifact(
        transport,
        artifactPath(id, artifact.name),
        artifact,
        placeOf(folder, artifact.name),
        given,
      );
    return listed;
  }

  /** Uploads the files of one dataset, a topology or weights. For content that was uploaded before, the service returns the existing upload. */
  function upload(
    files: readonly { name: string; content: Blob }[],
    { kind, signal }: UploadOptions = {},
  ): Promise<Upload> {
    const form = new FormData();
    for (const file of files) form.append('file', file.content, file.name);
    return transport.json<Upload>({
      method: 'POST',
      path: '/v1/datasets',
      query: { kind },
      form,
      // Uploads are identified by their content, so that sending the request twice has no further effect.
      repeatable: true,
      signal,
      timeoutMs: longestUploadMs,
    });
  }

  return {
    baseUrl: transport.baseUrl,
    submit: (request: JobRequest, { idempotencyKey = randomUUID(), signal }: SubmitOptions = {}) =>
      transport.json<Job>({
        method: 'POST',
        path: '/v1/jobs',
        json: request,
        headers: { 'idempotency-key': idempotencyKey },
        repeatable: true,
        signal,
      }),
    validate: (request: JobRequest, { signal }: Signalled = {}) =>
      transport.json<Validation>({
        method: 'POST',
        path: '/v1/jobs/validate',
        json: request,
        repeatable: true,
        signal,
      }),
    get,
    /** One page, newest first. */
    list: ({ signal, createdFrom, createdBefore, ...filter }: Signalled & JobFilter = {}) =>
      transport.json<JobPage>({
        path: '/v1/jobs',
        query: { ...filter, created_from: createdFrom, created_before: createdBefore },
        signal,
      }),
    wait,
    /** Events of a job in order, from the first one stored or after `after`, until the job has finished; broken connections are continued. */
    events: (id: string, { after = '', signal }: Signalled & { after?: string } = {}): AsyncGenerator<JobEvent> =>
      followEvents(transport, jobPath(id, '/events'), after, signal),
    /** The stored lines of a job's log, or those after `after`; oldest first. */
    async logs(id: string, { after, signal }: Signalled & { after?: string } = {}): Promise<readonly LogLine[]> {
      const lines: LogLine[] = [];
      for (;;) {
        const query = { limit: 1000, after: lines.at(-1)?.id ?? after };
        const page = await transport.json<LogPage>({ path: jobPath(id, '/logs'), query, signal });
        lines.push(...page.lines);
        if (!page.has_more) return lines;
      }
    },
    /** With `artifacts: 'partial'`, a running job publishes its current weights. */
    cancel: (id: string, { artifacts: wanted, signal }: Signalled & { artifacts?: 'none' | 'partial' } = {}) =>
      transport.json<Job>({
        method: 'POST',
        path: jobPath(id, '/cancel'),
        ...(wanted === undefined ? {} : { json: { artifacts: wanted } }),
        repeatable: true,
        signal,
      }),
    /** A queued job is removed from the queue; a running one stops with a checkpoint. */
    pause: (id: string, { signal }: Signalled = {}) =>
      transport.json<Job>({ method: 'POST', path: jobPath(id, '/pause'), repeatable: true, signal }),
    resume: (id: string, { signal }: Signalled = {}) =>
      transport.json<Job>({ method: 'POST', path: jobPath(id, '/resume'), signal }),
    /** The messages about a job that were sent to webhooks, oldest first. */
    deliveries: async (id: string, { signal }: Signalled = {}): Promise<readonly Delivery[]> =>
      (await transport.json<DeliveryPage>({ path: jobPath(id, '/deliveries'), signal })).deliveries,
    retry: (id: string, { signal }: Signalled = {}) =>
      transport.json<Job>({ method: 'POST', path: jobPath(id, '/retry'), signal }),
    remove: async (id: string, { signal }: Signalled = {}) => {
      await transport.send({ method: 'DELETE', path: jobPath(id), signal });
    },
    artifacts,
    download,
    downloadAll,
    artifactUrl: (id: string, name: string) => `${transport.baseUrl}${artifactPath(id, name)}`,
    comparisons: createComparisonClient(transport),
    upload,
    /** Describes the data that a job with this reference and these options would read. */
    inspectDataset: (request: DatasetRequest, { signal }: Signalled = {}) =>
      transport.json<DatasetReport>({
        method: 'POST',
        path: '/v1/datasets/inspect',
        json: request,
        repeatable: true,
        signal,
      }),
    /** The first samples of an upload, or of `builtin:NAME`: labels by name, pictures as PNG in data URLs. */
    samples: (id: string, { signal, ...query }: Signalled & { part?: DatasetSamples['part']; count?: number } = {}) =>
      transport.json<DatasetSamples>({ path: `/v1/datasets/${encodeURIComponent(id)}/samples`, query, signal }),
    uploads: ({ signal, ...query }: Signalled & { limit?: number; after?: string } = {}) =>
      transport.json<UploadPage>({ path: '/v1/datasets', query, signal }),
    removeUpload: async (id: string, { signal }: Signalled = {}) => {
      await transport.send({ method: 'DELETE', path: `/v1/datasets/${encodeURIComponent(id)}`, signal });
    },
  };
}

export type Client = ReturnType<typeof createClient>;
