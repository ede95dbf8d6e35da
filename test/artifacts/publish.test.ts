import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type ArtifactContent, type ArtifactFormat, artifactFormats } from '../../src/artifacts/index.ts';
import { checkOutput, publishArtifacts } from '../../src/artifacts/publish.ts';
import { isTemporary, listFiles, sweepTemporary } from '../../src/durable-files.ts';
import { ndarray } from '../../src/ndarray.ts';
import { temporaryFolder } from '../support/temporary.ts';

const root = await temporaryFolder();
const formats = Object.values(artifactFormats);
const content: ArtifactContent = {
  topologyJson: { class_name: 'Sequential', config: { name: 'm', layers: [] } },
  keras: {
    config: { class_name: 'Sequential', config: {} },
    paths: new Map([['dense/kernel', 'layers/dense/vars/0']]),
  },
  weights: new Map([['dense/kernel', ndarray('float32', [2, 2], Float32Array.of(1, 2, 3, 4))]]),
  state: [{ name: 'dense/kernel', aliases: [], dtype: 'F32', isBuffer: false }],
  report: { seed: 3, method: 'kaiming', history: [{ loss: 0.5, eta: Number.POSITIVE_INFINITY }] },
};

/** A folder of its own for a test, so that leftovers are seen. */
async function parent(name: string): Promise<string> {
  const folder = path.join(root, name);
  await mkdir(folder);
  return folder;
}

const slow = (then: () => Promise<void>): ArtifactFormat => ({
  name: 'slow',
  summary: 'writes a file, then does what it is told',
  entry: 'slow.bin',
  mediaTypes: { bin: 'application/octet-stream' },
  form: 'none' as const,
  recognise: () => false,
  read: async () => new Map(),
  write: async (folder) => {
    await writeFile(path.join(folder, 'slow.bin'), 'half');
    await then();
  },
});

test('every file is there, described with its true size and sha256, in the result and in report.json', async () => {
  const out = path.join(await parent('whole'), 'deep', 'out');
  const files = await publishArtifacts(out, formats, content);
  assert.deepEqual(files.map((file) => file.path).sort(), await listFiles(out));
  for (const file of files) {
    const bytes = await readFile(path.join(out, file.path));
    assert.equal(bytes.byteLength, file.bytes);
    assert.equal(createHash('sha256').update(bytes).digest('hex'), file.sha256);
  }
  const report = JSON.parse(await readFile(path.join(out, 'report.json'), 'utf8'));
  assert.deepEqual(
    report.files,
    files.filter((file) => file.path !== 'report.json'),
  );
  assert.deepEqual(report.history, [{ eta: 'Infinity', loss: 0.5 }]);
  assert.deepEqual(await readdir(path.dirname(out)), ['out']);
  assert.equal((await stat(out)).mode & 0o777, 0o777 & ~process.umask());
});

test('equal content gives equal bytes, report.json included', async () => {
  const folder = await parent('equal');
  const first = await publishArtifacts(path.join(folder, 'a'), formats, content);
  const report = Object.fromEntries(Object.entries(content.report).reverse());
  assert.deepEqual(await publishArtifacts(path.join(folder, 'b'), formats, { ...content, report }), first);
});

test('an existing artifact is replaced only when asked, and then completely', async () => {
  const out = path.join(await parent('replace'), 'out');
  await publishArtifacts(out, formats, content);
  const before = await listFiles(out);
  await assert.rejects(publishArtifacts(out, formats, content), {
    code: 'OUTPUT_UNWRITABLE',
    message: /already holds an artifact/,
  });
  assert.deepEqual(await listFiles(out), before);
  await publishArtifacts(out, [artifactFormats.safetensors], content, { overwrite: true });
  assert.deepEqual(await listFiles(out), ['report.json', 'weights.safetensors']);
  assert.deepEqual(await readdir(path.dirname(out)), ['out']);
});

test('a folder with anything else in it is never replaced', async () => {
  const folder = await parent('foreign');
  const notes = path.join(folder, 'notes');
  await mkdir(notes);
  await writeFile(path.join(notes, 'thesis.txt'), 'years of work');
  const mixed = path.join(folder, 'mixed');
  await publishArtifacts(mixed, formats, content);
  await writeFile(path.join(mixed, 'thesis.txt'), 'years of work');
  const nested = path.join(folder, 'nested');
  await mkdir(path.join(nested, 'empty'), { recursive: true });
  const lying = path.join(folder, 'lying');
  await mkdir(lying);
  await writeFile(path.join(lying, 'report.json'), '{"files":"all"}');
  for (const out of [notes, mixed, nested, lying]) {
    const before = await readdir(out);
    await assert.rejects(publishArtifacts(out, formats, content, { overwrite: true }), {
      code: 'OUTPUT_UNWRITABLE',
      message: /not of an artifact/,
    });
    assert.deepEqual(await readdir(out), before);
  }
});

test('an empty folder is taken; a file, a link and a path through a file are refused', async () => {
  const folder = await parent('kinds');
  const empty = path.join(folder, 'empty');
  await mkdir(empty);
  await publishArtifacts(empty, formats, content);
  const file = path.join(folder, 'file');
  await writeFile(file, 'mine');
  const link = path.join(folder, 'link');
  await symlink(path.join(folder, 'nowhere'), link);
  for (const out of [file, link, path.join(file, 'out'), '/proc/gradinit/out']) {
    await assert.rejects(publishArtifacts(out, formats, content, { overwrite: true }), { code: 'OUTPUT_UNWRITABLE' });
    await assert.rejects(checkOutput(out), { code: 'OUTPUT_UNWRITABLE' });
  }
  assert.equal(await readFile(file, 'utf8'), 'mine');
  assert.deepEqual((await readdir(folder)).sort(), ['empty', 'file', 'link']);
});

test('a folder without write permission is refused before any work', async (t) => {
  if (process.getuid?.() === 0) return t.skip('SKIPPED: root may write everywhere, so permissions were not tested');
  const folder = await parent('locked');
  await chmod(folder, 0o555);
  t.after(() => chmod(folder, 0o755));
  await assert.rejects(checkOutput(path.join(folder, 'out')), { code: 'OUTPUT_UNWRITABLE', message: /permission/ });
});

test('a folder that appears while the artifact is made is kept and reported', async () => {
  const folder = await parent('race');
  const out = path.join(folder, 'out');
  const rival = slow(async () => {
    await mkdir(out);
    await writeFile(path.join(out, 'other.txt'), 'first');
  });
  await assert.rejects(publishArtifacts(out, [rival], content), { code: 'OUTPUT_UNWRITABLE', message: /appeared/ });
  assert.deepEqual(await listFiles(out), ['other.txt']);
  assert.deepEqual(await readdir(folder), ['out']);
});

test('a format that fails and a cancelled run leave nothing behind', async () => {
  const folder = await parent('fails');
  const out = path.join(folder, 'out');
  const failing = slow(() => Promise.reject(new Error('no')));
  await assert.rejects(publishArtifacts(out, [artifactFormats.safetensors, failing], content), { message: 'no' });
  assert.deepEqual(await readdir(folder), []);
  const controller = new AbortController();
  const cancelling = slow(async () => controller.abort());
  await assert.rejects(publishArtifacts(out, [cancelling, ...formats], content, { signal: controller.signal }), {
    code: 'CANCELLED',
  });
  assert.deepEqual(await readdir(folder), []);
});

const publisher = fileURLToPath(new URL('publisher.ts', import.meta.url));

test('a process killed in the middle leaves no artifact, and the next publication sweeps its debris', async () => {
  const folder = await parent('killed');
  const out = path.join(folder, 'out');
  const child = spawn(process.execPath, ['--import', 'tsx', publisher, out], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  assert.deepEqual((await readdir(folder)).filter(isTemporary).length, 1);
  assert.deepEqual(await sweepTemporary(folder), [], 'the temporary folder of a living process stays');
  child.kill('SIGKILL');
  await once(child, 'exit');
  const left = await readdir(folder);
  assert.ok(left.length === 1 && left.every(isTemporary), `left: ${left}`);
  await publishArtifacts(out, formats, content);
  assert.deepEqual(await readdir(folder), ['out']);
  await rm(folder, { recursive: true });
});
