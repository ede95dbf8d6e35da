import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DeviceFacts, judgeDevice } from '../../src/cli/doctor-device.ts';
import { parseDriverGpus } from '../../src/cli/doctor-machine.ts';

const result = {
  libtensorflow: '2.21.0',
  tfjs: '4.22.0',
  usesGpu: false,
  intraOpThreads: '2',
  oneDnn: true,
  interOpThreads: '1',
  convolution: 100,
};
const cpu: DeviceFacts['tensorflow'] = { works: true, result, gpus: [], log: '' };
const h100 = { name: 'NVIDIA H100', driver: '550.54.15', memory: '81559 MiB' };
const base: DeviceFacts = { tensorflow: cpu, driverGpus: [h100], variant: 'gpu', visibleDevices: undefined };

const rows: { title: string; facts: Partial<DeviceFacts>; status: 'ok' | 'warning'; message: RegExp; fix?: RegExp }[] =
  [
    {
      title: 'a GPU in use',
      facts: {
        tensorflow: {
          ...cpu,
          result: { ...result, usesGpu: true },
          gpus: [{ name: 'NVIDIA H100', memoryMiB: 76048, computeCapability: '9.0' }],
        },
      },
      status: 'ok',
      message: /run on the GPU: NVIDIA H100 \(76048 MiB, compute capability 9\.0\)/,
    },
    {
      title: 'no GPU, CPU libraries',
      facts: { driverGpus: [], variant: 'cpu' },
      status: 'ok',
      message: /run on the CPU/,
    },
    { title: 'no set-up yet', facts: { driverGpus: [], variant: null }, status: 'ok', message: /run on the CPU/ },
    {
      title: 'no driver, GPU libraries',
      facts: { driverGpus: [] },
      status: 'warning',
      message: /nvidia-smi finds no GPU/,
      fix: /driver 525.*--gpus all/,
    },
    {
      title: 'a GPU, CPU libraries',
      facts: { variant: 'cpu' },
      status: 'warning',
      message: /H100 is not used/,
      fix: /TENSORFLOW_VARIANT=gpu npm run setup/,
    },
    {
      title: 'an old driver',
      facts: { driverGpus: [{ ...h100, driver: '470.82.01' }] },
      status: 'warning',
      message: /470\.82\.01 .* too old/,
      fix: /525/,
    },
    {
      title: 'hidden devices',
      facts: { visibleDevices: '' },
      status: 'warning',
      message: /CUDA_VISIBLE_DEVICES="" hides/,
      fix: /Unset/,
    },
    {
      title: 'device -1',
      facts: { visibleDevices: '-1' },
      status: 'warning',
      message: /CUDA_VISIBLE_DEVICES="-1" hides/,
      fix: /Unset/,
    },
    {
      title: 'a missing library',
      facts: { tensorflow: { ...cpu, log: "Could not load dynamic library 'libcudnn.so.9'" }, visibleDevices: '0' },
      status: 'warning',
      message: /could not load libcudnn\.so\.9/,
      fix: /npm run setup/,
    },
    { title: 'an unknown reason', facts: {}, status: 'warning', message: /does not use NVIDIA H100/, fix: /--verbose/ },
  ];

for (const { title, facts, status, message, fix } of rows) {
  test(`the device is judged: ${title}`, () => {
    const finding = judgeDevice({ ...base, ...facts });
    assert.equal(finding.status, status);
    assert.match(finding.message, message);
    if (fix === undefined) assert.equal(finding.fix, undefined);
    else assert.match(finding.fix ?? '', fix);
  });
}

test('the list of nvidia-smi is read, its error texts are not GPUs', () => {
  assert.deepEqual(parseDriverGpus('NVIDIA H100 80GB HBM3, 550.54.15, 81559 MiB\n'), [
    { name: 'NVIDIA H100 80GB HBM3', driver: '550.54.15', memory: '81559 MiB' },
  ]);
  assert.deepEqual(parseDriverGpus('No devices were found\n'), []);
  assert.deepEqual(parseDriverGpus(''), []);
});
