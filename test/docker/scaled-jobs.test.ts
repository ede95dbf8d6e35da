/** Workers in Kubernetes: KEDA reads the keys that the queue writes, starts one pod for each job, and takes none away. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configTable } from '../../src/config/config.ts';
import { deviceClasses } from '../../src/contract/device-class.ts';
import { createKeys } from '../../src/queue/keys.ts';
import { folders, kustomizationOf, type Manifest, manifestsOf, readText } from './read-manifests.ts';

const defaultOf = (variable: string) => configTable().find(({ name }) => name === variable)?.default ?? '';
const keys = createKeys(defaultOf('QUEUE_PREFIX'));
const all = folders.flatMap((folder) => manifestsOf(folder));
const scaledJobs = all.filter(({ kind }) => kind === 'ScaledJob');
const environmentOf = ({ spec }: Manifest) =>
  new Map(spec?.jobTargetRef?.template.spec.containers[0]?.env?.map(({ name, value }) => [name, value]));
const watchedBy = ({ spec }: Manifest) => (spec?.triggers ?? []).map(({ metadata }) => metadata.listName);

/** What KEDA's definition of a ScaledJob requires or allows, as far as it is used here: Kubernetes' own schemas do not have it. */
const scaledJobKeys = [
  'pollingInterval',
  'minReplicaCount',
  'maxReplicaCount',
  'successfulJobsHistoryLimit',
  'failedJobsHistoryLimit',
  'rollout',
  'scalingStrategy',
  'triggers',
  'jobTargetRef',
];

test('every device class is watched by the workers of one manifest, which take its jobs', () => {
  const watched = scaledJobs.flatMap(watchedBy);
  assert.deepEqual(watched.sort(), deviceClasses.map((queue) => keys.unfinished(queue)).sort());
  for (const job of scaledJobs) {
    const queues = environmentOf(job).get('WORKER_QUEUES')?.split(',') ?? [];
    assert.deepEqual(
      watchedBy(job),
      queues.map((queue) => keys.unfinished(queue as (typeof deviceClasses)[number])),
      job.metadata.name,
    );
  }
});

for (const job of scaledJobs) {
  const { spec } = job;
  test(`${job.metadata.name} fits KEDA's definition of a ScaledJob`, () => {
    assert.equal(job.apiVersion, 'keda.sh/v1alpha1');
    assert.deepEqual(Object.keys(spec ?? {}).sort(), [...scaledJobKeys].sort());
    for (const { type, metadata } of spec?.triggers ?? []) {
      assert.equal(type, 'redis');
      assert.deepEqual(Object.keys(metadata).sort(), ['activationListLength', 'address', 'listLength', 'listName']);
      for (const value of Object.values(metadata)) assert.equal(typeof value, 'string');
      assert.equal(metadata.listLength, '1', 'one pod for each job');
    }
    // KEDA 2.20 refuses the word `default`, which earlier ones have for what happens without a word.
    assert.deepEqual(spec?.scalingStrategy, { multipleScalersCalculation: 'sum' });
  });

  test(`${job.metadata.name}: a pod takes one job and ends, and nothing ends it before`, () => {
    const target = spec?.jobTargetRef;
    const environment = environmentOf(job);
    assert.equal(environment.get('WORKER_JOBS'), '1');
    assert.ok(Number(environment.get('WORKER_IDLE_SECONDS')) > 0);
    assert.deepEqual([target?.parallelism, target?.completions, target?.backoffLimit], [1, 1, 0]);
    assert.equal(target?.template.spec.restartPolicy, 'Never');
    assert.equal(target?.activeDeadlineSeconds, undefined, 'MAX_RUN_SECONDS ends jobs');
    assert.deepEqual(spec?.rollout, { strategy: 'gradual' });
    assert.ok((target?.template.spec.terminationGracePeriodSeconds ?? 0) > Number(defaultOf('DRAIN_SECONDS')) + 10);
  });
}

test('no manifest sets a number of replicas that something else scales', () => {
  const targets = all.flatMap(({ spec }) => (spec?.scaleTargetRef as { name: string } | undefined)?.name ?? []);
  assert.deepEqual(targets, []);
  for (const { spec, metadata } of all) assert.notEqual(spec?.replicas, 0, metadata.name);
});

test('Kueue: the label goes to every ScaledJob, and names a queue that is there', () => {
  const [patch] =
    (kustomizationOf('docker/k8s-kueue') as { patches?: { target: object; patch: string }[] }).patches ?? [];
  assert.deepEqual(patch?.target, { kind: 'ScaledJob' });
  assert.match(patch?.patch ?? '', /path: \/metadata\/labels\/kueue\.x-k8s\.io~1queue-name\n\s*value: gradinit\n/);
  for (const { metadata } of scaledJobs) assert.ok(metadata.labels, 'a label can be added to labels only');
  const queue = all.find(({ kind }) => kind === 'LocalQueue');
  assert.equal(queue?.metadata.name, 'gradinit');
  assert.equal(queue?.spec?.clusterQueue, all.find(({ kind }) => kind === 'ClusterQueue')?.metadata.name);
});

test('the documentation names every kustomization', () => {
  const text = readText('docs/deployment.md');
  for (const folder of folders) assert.ok(text.includes(`kubectl apply -k ${folder}`), folder);
});
