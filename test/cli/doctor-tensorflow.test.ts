import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import {
  examineTensorflow,
  explainFailure,
  parseGpus,
  parseMissingLibraries,
} from '../../src/cli/doctor-tensorflow.ts';

test('TensorFlow on this machine answers with its version and threads', async () => {
  const report = await examineTensorflow(process.env);
  assert.ok(report.works);
  assert.match(report.result.libtensorflow, /^2\.21\./);
  assert.equal(report.result.interOpThreads, process.env.TF_NUM_INTEROP_THREADS ?? '1');
});

test('a library that cannot be loaded is told by name, and the doctor survives it', async (t) => {
  const directory = await mkdtemp(path.join(tmpdir(), 'gradinit-doctor-'));
  t.after(() => rm(directory, { recursive: true }));
  await writeFile(path.join(directory, 'libtensorflow_cc.so.2'), 'no library');
  const report = await examineTensorflow({ ...process.env, LD_LIBRARY_PATH: directory });
  assert.ok(!report.works);
  assert.match(report.reason, /libtensorflow_cc\.so\.2/);
});

const failures: {
  title: string;
  end: { code: number | null; signal: NodeJS.Signals | null; stderr: string };
  reason: RegExp;
  fix: RegExp;
}[] = [
  {
    title: 'no binding',
    end: {
      code: 1,
      signal: null,
      stderr:
        'Error: The Node.js native addon module (tfjs_binding.node) can not be found at path: /x/tfjs_binding.node.',
    },
    reason: /binding is not installed/,
    fix: /npm run setup/,
  },
  {
    title: 'no npm package',
    end: { code: 1, signal: null, stderr: "Error: Cannot find module '@tensorflow/tfjs-node-gpu'\nRequire stack:" },
    reason: /binding is not installed/,
    fix: /npm run setup/,
  },
  {
    title: 'the cache was deleted',
    end: {
      code: 1,
      signal: null,
      stderr: 'Error: libtensorflow_cc.so.2: cannot open shared object file: No such file or directory\n    at Module',
    },
    reason: /library libtensorflow_cc\.so\.2 is missing/,
    fix: /npm run setup/,
  },
  { title: 'a CPU without AVX', end: { code: null, signal: 'SIGILL', stderr: '' }, reason: /instructions/, fix: /AVX/ },
  { title: 'a crash', end: { code: null, signal: 'SIGSEGV', stderr: '' }, reason: /SIGSEGV/, fix: /npm run setup/ },
  {
    title: 'any other error',
    end: { code: 1, signal: null, stderr: 'at x\nTypeError: odd\n  at y' },
    reason: /^odd$/,
    fix: /npm run setup/,
  },
  { title: 'silence', end: { code: 3, signal: null, stderr: '' }, reason: /code 3/, fix: /npm run setup/ },
];

for (const { title, end, reason, fix } of failures) {
  test(`a failed load is explained with its fix: ${title}`, () => {
    const explained = explainFailure(end);
    assert.match(explained.reason, reason);
    assert.match(explained.fix, fix);
  });
}

test('GPUs are read from the lines in which TensorFlow announces them', () => {
  const log = `I0000 gpu_device.cc:2022] Created device /job:localhost/replica:0/task:0/device:GPU:0 with 76048 MB memory:  -> device: 0, name: NVIDIA H100 80GB HBM3, pci bus id: 0000:8d:00.0, compute capability: 9.0
I0000 other.cc:1] Created device /job:localhost/replica:0/task:0/device:CPU:0`;
  assert.deepEqual(parseGpus(log), [{ name: 'NVIDIA H100 80GB HBM3', memoryMiB: 76048, computeCapability: '9.0' }]);
});

test('missing GPU libraries are named once each', () => {
  const line = "Could not load dynamic library 'libcudnn.so.9'; dlerror: not found\n";
  assert.deepEqual(parseMissingLibraries(`${line}${line}Could not load dynamic library 'libcublas.so.12'`), [
    'libcudnn.so.9',
    'libcublas.so.12',
  ]);
});
