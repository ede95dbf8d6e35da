/**
 * Where things lie in Redis. P is the configured prefix, ID a job's id.
 *
 *   P:job:ID          hash: every field of JobRecord as JSON (status as it is), and what only the queue knows (token, execution, lost, open, lastLoss)
 *   P:spec:ID         the specification, JSON, gzipped when large
 *   P:events:ID       stream of the job's events
 *   P:checkpoints:ID  list of pointers (JSON) to the checkpoints in the store of artifacts, newest first, two at most
 *   P:index:STATUS    sorted set of ids, all scores 0, ordered by id; STATUS may be `any`; with :OWNER the same for one owner
 *   P:waiting         sorted set of queued ids by the time they were queued: the place in the queue
 *   P:deadlines       sorted set of queued ids by the time they expire
 *   P:finished        sorted set of finished ids by the time they finished: retention
 *   P:outbox          sorted set of BullMQ ids that are stored but perhaps not yet in BullMQ
 *   P:adopting        held for some seconds by the process that looks for jobs that BullMQ has lost
 *   P:idempotency:H   "BODYHASH ID", expiring
 *   P:workers         hash: JSON of every worker process, with the time of its last sign of life
 *   P:heartbeat:NAME  time of the last write that a check of health has made, milliseconds; expires
 *   P:wake:READER     stream of one process: an entry ends its wait for events; expires
 *   P:comparison:ID   the record of a comparison, JSON, gzipped when large; its cells are jobs
 *   P:comparisons     sorted set of their ids; with :OWNER those of one owner
 *   P:unsettled       sorted set of ids of comparisons whose jobs are perhaps not all made, by the time they were stored
 *   P:uses:UPLOAD     sorted set of ids of jobs and comparisons that were made with an upload, by the time they were added
 *   P:held            sorted set of digests of contents by the time until which nobody may remove them
 *   P:removing        sorted set of digests of contents by the time until which somebody may be removing them
 *   P:bull:...        BullMQ's own
 */

/** Name of the BullMQ queue. */
export const queueName = 'jobs';

/** BullMQ's id of one execution of a job: a retried job is a new BullMQ job, so that the old one cannot be taken for it. */
export const executionId = (jobId: string, execution: number | string) => `${jobId}.${execution}`;

export function parseExecutionId(id: string): { jobId: string; execution: number } {
  const dot = id.lastIndexOf('.');
  return { jobId: id.slice(0, dot), execution: Number(id.slice(dot + 1)) };
}

export const createKeys = (prefix: string) => ({
  prefix,
  job: (id: string) => `${prefix}:job:${id}`,
  spec: (id: string) => `${prefix}:spec:${id}`,
  events: (id: string) => `${prefix}:events:${id}`,
  checkpoints: (id: string) => `${prefix}:checkpoints:${id}`,
  index: (status: string, owner: string | null) => `${prefix}:index:${status}${owner === null ? '' : `:${owner}`}`,
  comparison: (id: string) => `${prefix}:comparison:${id}`,
  comparisons: (owner: string | null) => `${prefix}:comparisons${owner === null ? '' : `:${owner}`}`,
  unsettled: `${prefix}:unsettled`,
  uses: (uploadId: string) => `${prefix}:uses:${uploadId}`,
  waiting: `${prefix}:waiting`,
  deadlines: `${prefix}:deadlines`,
  finished: `${prefix}:finished`,
  outbox: `${prefix}:outbox`,
  adopting: `${prefix}:adopting`,
  idempotency: (hash: string) => `${prefix}:idempotency:${hash}`,
  workers: `${prefix}:workers`,
  heartbeat: (name: string) => `${prefix}:heartbeat:${name}`,
  wake: (reader: string) => `${prefix}:wake:${reader}`,
  cancelChannel: `${prefix}:cancel`,
  bull: `${prefix}:bull`,
});
export type Keys = ReturnType<typeof createKeys>;
