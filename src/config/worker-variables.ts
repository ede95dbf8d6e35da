/** The variables that only worker processes read. */
import { hostname } from 'node:os';
import { deviceClasses } from '../contract/device-class.ts';
import { usableCores } from '../cores.ts';
import { flag, integer, list, seconds, someOf, text, type Variable } from './variables.ts';

const mebi = 2 ** 20;
const gibi = 2 ** 30;

export const workerVariables = {
  devices: list(
    'DEVICES',
    ['auto'],
    'One worker for each: auto (every GPU, else one cpu), cpu, gpu:INDEX; a name may be given twice for cpu only.',
  ),
  allowCpu: flag(
    'ALLOW_CPU',
    true,
    'false: a worker without a working GPU refuses jobs instead of computing on the CPU.',
  ),
  workerHost: text('WORKER_HOST', '127.0.0.1', 'Address of the worker health port.'),
  workerPort: integer(
    'WORKER_PORT',
    8081,
    'Health port of a worker process (GET /health/live, /health/ready); 0 picks a free one.',
    { maximum: 65_535 },
  ),
  workerName: text('WORKER_NAME', hostname(), 'Name of a worker process in logs and readiness.', 'the host name'),
  threads: {
    ...integer(
      'TF_NUM_INTRAOP_THREADS',
      usableCores(),
      'Threads of TensorFlow in each worker child; divided among several cpu devices.',
      { minimum: 1, shown: 'the cores' },
    ),
    shown: 'the cores',
  },
  workerQueues: someOf(
    'WORKER_QUEUES',
    ['auto', ...deviceClasses],
    ['auto'],
    'Device classes whose jobs a worker process takes; auto: the class of each device, and any.',
  ),
  workerJobs: integer(
    'WORKER_JOBS',
    0,
    'A worker process ends by itself after so many attempts at jobs, e.g. 1 where an orchestrator starts one process for each job; 0: never.',
  ),
  workerIdleSeconds: seconds(
    'WORKER_IDLE_SECONDS',
    0,
    'A worker process ends by itself when it has had nothing to do for so long; 0: never.',
    { minimum: 0 },
  ),
  lockSeconds: seconds(
    'LOCK_SECONDS',
    30,
    'A worker that is silent this long has lost its job. Longer than a restart of Redis takes.',
    { minimum: 0.5 },
  ),
  stalledCheckSeconds: seconds('STALLED_CHECK_SECONDS', 10, 'How often workers look for jobs whose worker was lost.', {
    minimum: 0.1,
  }),
  heartbeatSeconds: seconds(
    'HEARTBEAT_SECONDS',
    300,
    'A run without progress for this long is killed; longer than the slowest iteration.',
  ),
  maxRunMemoryBytes: integer(
    'MAX_RUN_MEMORY_BYTES',
    0,
    'A run whose process holds more memory than this is ended, and its job fails with OUT_OF_MEMORY; 0: nine tenths of what the machine or the container has, divided among the devices.',
  ),
  cancelGraceSeconds: seconds('CANCEL_GRACE_SECONDS', 10, 'A run that does not stop by itself is killed after this.', {
    minimum: 0,
  }),
  drainSeconds: seconds(
    'DRAIN_SECONDS',
    20,
    'On SIGTERM: time to finish or to write a checkpoint. Below the grace period of the orchestrator.',
    { minimum: 0 },
  ),
  checkpointSeconds: seconds(
    'CHECKPOINT_SECONDS',
    5,
    'Least time between the checkpoints of a run; 0: as soon as the one before is stored.',
    { minimum: 0 },
  ),
  checkpointBytesPerSecond: integer(
    'CHECKPOINT_BYTES_PER_SECOND',
    4 * mebi,
    'Mean rate at which a run may write checkpoints: large ones are written less often than CHECKPOINT_SECONDS says.',
    { minimum: 1024 },
  ),
  maxCheckpointBytes: integer(
    'MAX_CHECKPOINT_BYTES',
    8 * gibi,
    'Larger checkpoints are not kept; the run then starts over after a crash.',
    { minimum: 1024 },
  ),
  maxAttempts: integer(
    'MAX_ATTEMPTS',
    5,
    'Attempts that may be lost or fail before a job fails; a job may say otherwise in `retry`. Attempts that a worker hands back when it ends are not counted.',
    { minimum: 1 },
  ),
  retryInitialSeconds: seconds('RETRY_INITIAL_SECONDS', 5, 'Delay before the second attempt of a job.', { minimum: 0 }),
  retryFactor: integer('RETRY_FACTOR', 4, 'By how much each further delay is longer.', { minimum: 1 }),
  retryMaxSeconds: seconds('RETRY_MAX_SECONDS', 300, 'Longest delay before another attempt.', { minimum: 0 }),
  nonRetryable: list(
    'NON_RETRYABLE',
    ['INTERNAL'],
    'Error codes after which a job is not attempted again, besides those of permanent errors.',
  ),
} as const satisfies Record<string, Variable<unknown>>;
