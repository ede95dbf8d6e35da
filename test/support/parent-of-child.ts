/** A process with one child, like a worker, that a test kills: node parent-of-child.ts iterating|blocked. */
import { parseJobSpec } from '../../src/contract/job-spec.ts';
import { startChild } from '../../workers/child.ts';
import { digitsJob } from './jobs.ts';

const doing = process.argv[2];
const child = startChild({ name: 'cpu', gpu: null }, 1);
await child.ready;
console.log(`child ${child.pid}`);

/** Options with which each iteration blocks the main thread inside TensorFlow for seconds. */
const heavy = { sizes: [4096, 4096, 4096], batchSize: 1500 };
const job = digitsJob(100_000, doing === 'blocked' ? heavy : {});

child.listen((message) => {
  if (message.type === 'phase' && message.phase === 'initializing' && doing === 'blocked')
    setTimeout(() => console.log('doing it'), 1000);
  if (message.type === 'progress' && doing === 'iterating') console.log('doing it');
});
child.send({ type: 'run', jobId: 'job_test', spec: parseJobSpec(job), attempt: 1, checkpoints: [] });
