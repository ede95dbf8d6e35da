/** docker-compose.yml against the Compose specification, the Kubernetes manifests against Kubernetes' schemas, each other and the configuration. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { projectRoot } from '../../scripts/setup/paths.mjs';
import { configTable } from '../../src/config/config.ts';
import { preparePython } from '../support/python.ts';
import { temporaryFolder } from '../support/temporary.ts';
import {
  containersOf,
  folders,
  kustomizationOf,
  type Manifest,
  manifestsOf,
  podTemplatesOf,
  readDocuments,
  readText,
} from './read-manifests.ts';

const kubernetesValidate = 'kubernetes-validate==1.37.0';
const all = folders.flatMap((folder) => manifestsOf(folder));
const variables = new Set([...configTable().map(({ name }) => name), 'GRADINIT_CACHE_DIR', 'NODE_ENV']);
const unknown = (names: readonly string[]) => names.filter((name) => !variables.has(name));

const validateCompose = `
import json, sys
from compose_spec import ComposeSpecification
ComposeSpecification.model_validate(json.loads(sys.argv[1]))
print("ok")`;

test('docker-compose.yml fits the Compose specification', async (t) => {
  const python = await preparePython(['pyyaml==6.0.3', 'compose-spec==0.2.1']);
  if (typeof python === 'string') return t.skip(python);
  const [compose] = readDocuments('docker-compose.yml');
  assert.equal(await python.run(validateCompose, [JSON.stringify(compose)]), 'ok');
});

test('docker-compose.yml sets variables that the configuration knows, and refuses to start without keys', () => {
  const [compose] = readDocuments('docker-compose.yml') as unknown as {
    services: Record<string, { environment?: Record<string, string> }>;
  }[];
  const set = Object.values(compose?.services ?? {}).flatMap(({ environment }) => Object.keys(environment ?? {}));
  assert.ok(set.length > 0);
  assert.deepEqual(unknown(set), []);
  assert.match(compose?.services.api?.environment?.API_KEYS ?? '', /^\$\{API_KEYS:\?/);
});

test('the images set variables that the configuration knows', () => {
  const text = ['api', 'worker'].map((name) => readText(`docker/${name}.Dockerfile`)).join('\n');
  const set = [...text.matchAll(/^ENV (.*)$/gm)].flatMap(([, line = '']) =>
    line.split(' ').map((pair) => pair.split('=')[0] ?? ''),
  );
  assert.deepEqual(
    unknown(set).filter((name) => !name.startsWith('NVIDIA_')),
    [],
  );
});

/** ScaledJobs hold the specification of a Job, which is checked as one; Kubernetes has no schemas for what is KEDA's or Kueue's own. */
function asKubernetesKnowsIt({ apiVersion, metadata, spec, ...rest }: Manifest): object[] {
  if (apiVersion.startsWith('kueue.x-k8s.io/')) return [];
  if (!apiVersion.startsWith('keda.sh/')) return [{ apiVersion, metadata, spec, ...rest }];
  return [{ apiVersion: 'batch/v1', kind: 'Job', metadata, spec: spec?.jobTargetRef }];
}

const validateKubernetes = async (documents: readonly object[]) => {
  const python = await preparePython([kubernetesValidate]);
  if (typeof python === 'string') return python;
  const file = path.join(await temporaryFolder(), 'all.yaml');
  await writeFile(file, documents.map((document) => JSON.stringify(document)).join('\n---\n'));
  const run = promisify(execFile)(python.command, ['-m', 'kubernetes_validate', '--strict', file], { env: python.env });
  return run.then(
    ({ stdout, stderr }) => ({ ok: true, text: stdout + stderr }),
    ({ stdout, stderr }) => ({ ok: false, text: String(stdout) + String(stderr) }),
  );
};

test('every manifest fits the schema of Kubernetes, and what does not fit is found', async (t) => {
  const documents = all.flatMap(asKubernetesKnowsIt).map(({ ...document }) => document);
  const result = await validateKubernetes(documents);
  if (typeof result === 'string') return t.skip(result);
  assert.ok(result.ok, result.text);
  assert.equal(result.text.match(/passed for resource/g)?.length, documents.length);
  const wrong = structuredClone(documents) as { spec?: { backofLimit?: number } }[];
  const job = wrong.find((document) => 'kind' in document && document.kind === 'Job');
  assert.ok(job?.spec);
  job.spec.backofLimit = 1;
  const refused = await validateKubernetes(wrong);
  assert.ok(typeof refused === 'object' && !refused.ok && refused.text.includes('backofLimit'));
});

test('kubectl renders every kustomization', async (t) => {
  for (const folder of folders) {
    const outcome = await promisify(execFile)('kubectl', ['kustomize', path.join(projectRoot, folder)]).catch(
      (error: NodeJS.ErrnoException) => error,
    );
    if ('code' in outcome && outcome.code === 'ENOENT')
      return t.skip('SKIPPED: kubectl was not found, so no kustomization was rendered');
    assert.ok('stdout' in outcome && !('code' in outcome), String(outcome));
    const isFixed = folder.endsWith('-fixed');
    assert.equal(outcome.stdout.includes('kind: ScaledJob'), !isFixed, folder);
    assert.doesNotMatch(outcome.stdout, /image: gradinit-/, 'every image is named with registry and version');
  }
});

for (const folder of folders) {
  test(`${folder}: the kustomization lists every manifest and every image of them`, () => {
    const { resources = [], images = [] } = kustomizationOf(folder);
    const inside = resources.filter((resource) => !resource.startsWith('..'));
    const manifests = manifestsOf(folder);
    assert.deepEqual(inside.sort(), [...new Set(manifests.map(({ file }) => file))].sort());
    const own = containersOf(manifests)
      .map(({ image }) => image)
      .filter((image) => !image.includes('/'));
    assert.deepEqual([...new Set(own)].sort(), images.map(({ name }) => name).sort());
    for (const { newTag } of images) assert.match(newTag, /^\d+\.\d+\.\d+/);
  });
}

test('images that are not built here are named with their full version, the same everywhere', () => {
  const composeImages = [...readText('docker-compose.yml').matchAll(/image: (\S+\/\S+)/g)].map(([, image]) => image);
  const foreign = containersOf(all)
    .map(({ image }) => image)
    .filter((image) => image.includes('/'));
  assert.deepEqual(new Set(foreign), new Set(composeImages));
  for (const image of foreign) assert.match(image, /:\d+\.\d+\.\d+-?\w*$/);
});

test('every container is locked down, asks for resources, and sets variables that the configuration knows', () => {
  const templates = all.flatMap(podTemplatesOf);
  assert.equal(templates.length, 5);
  for (const { spec } of templates) {
    assert.equal(spec.automountServiceAccountToken, false);
    assert.equal(spec.securityContext.runAsNonRoot, true);
  }
  for (const { image, env = [], resources, securityContext } of containersOf(all)) {
    assert.equal(securityContext.readOnlyRootFilesystem, true, image);
    assert.equal(securityContext.allowPrivilegeEscalation, false, image);
    assert.ok(resources.requests.cpu && resources.limits.memory, image);
    assert.deepEqual(unknown(env.map(({ name }) => name)), [], image);
  }
  const settings = all.find(({ metadata }) => metadata?.name === 'gradinit-settings');
  assert.deepEqual(unknown(Object.keys(settings?.data ?? {})), []);
});

test('Valkey in Kubernetes has the settings of docker/valkey.conf', () => {
  const conf = all.find(({ data }) => data?.['valkey.conf'] !== undefined)?.data?.['valkey.conf'] ?? '';
  assert.equal(conf.trim(), readText('docker/valkey.conf').trim());
});
