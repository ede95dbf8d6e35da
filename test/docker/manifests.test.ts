/** docker-compose.yml against the Compose specification, the Kubernetes manifests against each other and against the configuration. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../scripts/setup/paths.mjs';
import { configTable } from '../../src/config/config.ts';
import { createKeys } from '../../src/queue/keys.ts';
import { preparePython } from '../support/python.ts';

const packages = ['pyyaml==6.0.3', 'compose-spec==0.2.1'];
const folder = path.join(projectRoot, 'docker/k8s');
const variables = new Set([...configTable().map(({ name }) => name), 'GRADINIT_CACHE_DIR', 'NODE_ENV']);

const parse = `
import json, sys, yaml
print(json.dumps([document for file in sys.argv[1:] for document in yaml.safe_load_all(open(file))]))`;

const validate = `
import json, sys, yaml
from compose_spec import ComposeSpecification
ComposeSpecification.model_validate(yaml.safe_load(open(sys.argv[1])))
print("ok")`;

interface Manifest {
  kind: string;
  metadata: { name: string };
  spec?: { template?: { spec: { containers: Container[] } }; triggers?: { metadata: { listName: string } }[] };
  data?: Record<string, string>;
  resources?: string[];
  images?: { name: string }[];
}
interface Container {
  image: string;
  env?: { name: string }[];
  securityContext: Record<string, unknown>;
}

const manifestFiles = readdirSync(folder).filter((file) => file !== 'kustomization.yaml');

async function manifests(): Promise<Manifest[] | string> {
  const python = await preparePython(packages);
  if (typeof python === 'string') return python;
  return JSON.parse(
    await python.run(
      parse,
      ['kustomization.yaml', ...manifestFiles].map((file) => path.join(folder, file)),
    ),
  ) as Manifest[];
}

const containersOf = (all: readonly Manifest[]) => all.flatMap(({ spec }) => spec?.template?.spec.containers ?? []);

test('docker-compose.yml fits the Compose specification', async (t) => {
  const python = await preparePython(packages);
  if (typeof python === 'string') return t.skip(python);
  assert.equal(await python.run(validate, [path.join(projectRoot, 'docker-compose.yml')]), 'ok');
});

test('docker-compose.yml sets variables that the configuration knows, and refuses to start without keys', async (t) => {
  const python = await preparePython(packages);
  if (typeof python === 'string') return t.skip(python);
  const [compose] = JSON.parse(await python.run(parse, [path.join(projectRoot, 'docker-compose.yml')])) as {
    services: Record<string, { environment?: Record<string, string>; healthcheck?: object }>;
  }[];
  const set = Object.values(compose?.services ?? {}).flatMap(({ environment }) => Object.keys(environment ?? {}));
  assert.ok(set.length > 0);
  assert.deepEqual(
    set.filter((name) => !variables.has(name)),
    [],
  );
  assert.match(compose?.services.api?.environment?.API_KEYS ?? '', /^\$\{API_KEYS:\?/);
});

test('the images set variables that the configuration knows', () => {
  const text = ['api', 'worker']
    .map((name) => readFileSync(path.join(projectRoot, `docker/${name}.Dockerfile`), 'utf8'))
    .join('\n');
  const set = [...text.matchAll(/^ENV (.*)$/gm)].flatMap(([, line = '']) =>
    line.split(' ').map((pair) => pair.split('=')[0] ?? ''),
  );
  assert.deepEqual(
    set.filter((name) => !variables.has(name) && !name.startsWith('NVIDIA_')),
    [],
  );
});

test('the kustomization lists every manifest and every image', async (t) => {
  const all = await manifests();
  if (typeof all === 'string') return t.skip(all);
  const [kustomization, ...rest] = all;
  assert.deepEqual([...(kustomization?.resources ?? [])].sort(), manifestFiles.sort());
  const ours = containersOf(rest)
    .map(({ image }) => image)
    .filter((image) => !image.includes('/'));
  assert.deepEqual(ours.sort(), (kustomization?.images ?? []).map(({ name }) => name).sort());
});

test('every container of the manifests is locked down, and sets variables that the configuration knows', async (t) => {
  const all = await manifests();
  if (typeof all === 'string') return t.skip(all);
  for (const { image, env = [], securityContext } of containersOf(all)) {
    assert.equal(securityContext.readOnlyRootFilesystem, true, image);
    assert.equal(securityContext.allowPrivilegeEscalation, false, image);
    assert.deepEqual(
      env.filter(({ name }) => !variables.has(name)),
      [],
    );
  }
  const settings = all.find(({ metadata }) => metadata?.name === 'gradinit-settings');
  assert.deepEqual(
    Object.keys(settings?.data ?? {}).filter((name) => !variables.has(name)),
    [],
  );
});

test('Valkey in Kubernetes has the settings of docker/valkey.conf', async (t) => {
  const all = await manifests();
  if (typeof all === 'string') return t.skip(all);
  const conf = all.find(({ data }) => data?.['valkey.conf'] !== undefined)?.data?.['valkey.conf'] ?? '';
  assert.equal(conf.trim(), readFileSync(path.join(projectRoot, 'docker/valkey.conf'), 'utf8').trim());
});

test('KEDA looks at the keys that the queue writes', async (t) => {
  const all = await manifests();
  if (typeof all === 'string') return t.skip(all);
  const keys = createKeys(configTable().find(({ name }) => name === 'QUEUE_PREFIX')?.default ?? '');
  const watched = all.flatMap(({ spec }) => spec?.triggers ?? []).map(({ metadata }) => metadata.listName);
  assert.deepEqual(
    watched,
    ['queued', 'running', 'cancelling'].map((status) => keys.index(status, null)),
  );
});
