import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { closeSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { temporaryFolder } from '../support/data-files.ts';

const folder = temporaryFolder();
const run = promisify(execFile);
const images = 100_000;
const side = 32;
const megabytes = (images * side * side) / 2 ** 20;

/** Opens the dataset in a process of its own, so that nobody else's memory is counted; prints the growth in bytes. */
const script = `
import { openDataset } from ${JSON.stringify(path.resolve(import.meta.dirname, '../../src/datasets/index.ts'))};
await openDataset('builtin:digits');
const before = process.memoryUsage.rss();
let peak = before;
const timer = setInterval(() => { peak = Math.max(peak, process.memoryUsage.rss()); }, 5);
const dataset = await openDataset(process.argv[1]);
dataset.gather(Array.from({ length: 128 }, (_, i) => i * 7));
clearInterval(timer);
console.log(Math.max(peak, process.memoryUsage.rss()) - before);
`;

test('an IDX file of 98 MiB takes one copy of itself in memory', async () => {
  const header = Buffer.from([0, 0, 8, 3]);
  const extents = Buffer.alloc(12);
  [images, side, side].forEach((extent, i) => {
    extents.writeUInt32BE(extent, 4 * i);
  });
  const file = openSync(path.join(folder.path, 'images-idx3'), 'w');
  writeSync(file, Buffer.concat([header, extents]));
  const chunk = Buffer.from(Array.from({ length: 1000 * side * side }, (_, i) => i % 256));
  for (let i = 0; i < images; i += 1000) writeSync(file, chunk);
  closeSync(file);
  const labelHeader = Buffer.from([0, 0, 8, 1, 0, 0, 0, 0]);
  labelHeader.writeUInt32BE(images, 4);
  folder.write(
    'labels-idx1',
    Buffer.concat([labelHeader, Buffer.from(Array.from({ length: images }, (_, i) => i % 10))]),
  );
  const options = ['--import', 'tsx', '--input-type=module', '--eval', script, path.join(folder.path, 'images-idx3')];
  const { stdout } = await run(process.execPath, options);
  const grown = Number(stdout) / 2 ** 20;
  assert.ok(grown < megabytes * 1.3, `grew by ${grown} MiB for ${megabytes} MiB of data`);
});
