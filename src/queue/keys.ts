/**
 * Where things lie in Redis. P is the configured prefix, ID a job's id, Q a queue: the device class of a job (contract/device-class.ts).
 *
 *   P:job:ID          hash: every field of JobRecord as JSON (status as it is), and what only the queue knows (webhook, deliveries, pausedAt, pauseDeadline, heldMs, partial, token, execution, open, lastLoss, reported, queue, rank, ticket)
 *   P:spec:ID         the specification, JSON, gzipped when large
 *   P:events:ID       stream of the job's events
 *   P:log:ID          stream of the events that are lines of the job's log: all but progress, under the same ids
 *   P:checkpoints:ID  list of pointers (JSON) to the checkpoints in the store of artifacts, newest first, two at most
 *   P:index:STATUS    sorted set of ids, all scores 0, ordered by id; STATUS may be `any` or `comparison:ID`; with :OWNER the same for one owner
 *   P:deadlines       sorted set of queued and paused ids by the time they expire
 *   P:finished        sorted set of finished ids by the time they finished: metrics
 *   P:retained        the same without the cells of comparisons: retention
 *   P:reserved        hash: how many cells the comparisons of each owner have still to make; they count as waiting
 *   P:idempotency:H   "BODYHASH ID", expiring
 *   P:workers         hash: JSON of every worker process, with the time of its last sign of life
 *   P:heartbeat:NAME  time of the last write that a check of health has made, milliseconds; expires
 *   P:wake:READER     stream of one process: an entry ends its wait for events; expires
 *   P:comparison:ID   hash: the record as JSON, gzipped when large; how many cells there are, by status (n:STATUS); status and finishedAt once it is over
 *   P:comparisons     sorted set of their ids; with :OWNER those of one owner
 *   P:unsettled       sorted set of ids of comparisons whose jobs are perhaps not all made, by the time they were stored
 *   P:webhooks:OWNER  hash: JSON of each webhook of an API key, by its id
 *   P:webhook-secret:OWNER   hash: the secret of an API key (current, createdAt), and the one before (previous, previousUntil in milliseconds)
 *   P:deliveries:ID   list of the ids of the job's deliveries
 *   P:delivery:D      hash: a delivery (job, owner, webhook, url, event, body, createdAt, status, round, tries, nextAttemptAt)
 *   P:attempts:D      list of JSON of its last attempts, oldest first
 *   P:due             sorted set of the tickets (D.ROUND) of deliveries that are not over, by the time at which BullMQ is asked whether it has them
 *   P:measured:W      list of JSON of what the last runs of a kind of work took (jobs/estimate); expires
 *   P:removed:ID      for two minutes after a job was removed: it is not one that is about to be stored
 *   P:uses:UPLOAD     sorted set of ids of jobs and comparisons that were made with an upload, by the time they were added
 *   P:held            sorted set of digests of contents by the time until which nobody may remove them
 *   P:removing        sorted set of digests of contents by the time until which somebody may be removing them
 *   P:session:DIGEST  hash of the key that a browser signed in with, by the digest of its session's id; expires
 *   P:finished-comparisons   sorted set of ids of those that are over, by the time they ended: retention
 *   P:bull:...        BullMQ's own
 *
 * Who is next (scripts/fair.ts). A ticket is the id of a BullMQ job; it is bound to a job when a worker takes it.
 *
 *   P:line:Q:OWNER    sorted set of waiting job ids by priority class, equal ones by id
 *   P:slots:Q:OWNER   sorted set of the tickets of an owner by virtual start
 *   P:waiting:Q       sorted set of all tickets that are not taken: the order of the queue
 *   P:finish:Q        sorted set of owners by the virtual finish of their last ticket
 *   P:clock:Q         virtual time: start of the ticket that was taken last
 *   P:sequence        counter: orders tickets of equal start
 *   P:tickets         hash: "Q START OWNER" of every ticket whose job is not over
 *   P:taken           hash: the job that a taken ticket is for
 *   P:outbox          sorted set of tickets that are stored but perhaps not yet in BullMQ
 *   P:adopting        held for some seconds by the process that looks for tickets that BullMQ has lost
 *   P:unfinished:Q    sorted set of ids of jobs that wait or run: what workers are scaled by
 */
import { type DeviceClass, deviceClasses } from '../contract/device-class.ts';

/** Name of the BullMQ queue of a device class. BullMQ's key of a ticket is P:bull:Q:TICKET. */
export const queueNames: readonly DeviceClass[] = deviceClasses;

export const createKeys = (prefix: string) => ({
  prefix,
  job: (id: string) => `${prefix}:job:${id}`,
  spec: (id: string) => `${prefix}:spec:${id}`,
  events: (id: string) => `${prefix}:events:${id}`,
  log: (id: string) => `${prefix}:log:${id}`,
  checkpoints: (id: string) => `${prefix}:checkpoints:${id}`,
  index: (status: string, owner: string | null) => `${prefix}:index:${status}${owner === null ? '' : `:${owner}`}`,
  comparison: (id: string) => `${prefix}:comparison:${id}`,
  comparisons: (owner: string | null) => `${prefix}:comparisons${owner === null ? '' : `:${owner}`}`,
  unsettled: `${prefix}:unsettled`,
  uses: (uploadId: string) => `${prefix}:uses:${uploadId}`,
  webhooks: (owner: string) => `${prefix}:webhooks:${owner}`,
  webhookSecret: (owner: string) => `${prefix}:webhook-secret:${owner}`,
  deliveries: (jobId: string) => `${prefix}:deliveries:${jobId}`,
  delivery: (id: string) => `${prefix}:delivery:${id}`,
  deliveryAttempts: (id: string) => `${prefix}:attempts:${id}`,
  due: `${prefix}:due`,
  session: (digest: string) => `${prefix}:session:${digest}`,
  measurements: (work: string) => `${prefix}:measured:${work}`,
  removed: (id: string) => `${prefix}:removed:${id}`,
  finishedComparisons: `${prefix}:finished-comparisons`,
  deadlines: `${prefix}:deadlines`,
  finished: `${prefix}:finished`,
  retained: `${prefix}:retained`,
  tickets: `${prefix}:tickets`,
  outbox: `${prefix}:outbox`,
  adopting: `${prefix}:adopting`,
  unfinished: (queue: DeviceClass) => `${prefix}:unfinished:${queue}`,
  idempotency: (hash: string) => `${prefix}:idempotency:${hash}`,
  workers: `${prefix}:workers`,
  heartbeat: (name: string) => `${prefix}:heartbeat:${name}`,
  wake: (reader: string) => `${prefix}:wake:${reader}`,
  stopChannel: `${prefix}:stop`,
  workChannel: `${prefix}:work`,
  bull: `${prefix}:bull`,
});
export type Keys = ReturnType<typeof createKeys>;
