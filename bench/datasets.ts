/**
 * Measures reading data: seconds and peak memory, each row in a separate process.
 *
 *   npm run bench:datasets                       every row; written to docs/benchmarks.md
 *   npm run bench:datasets -- --row csv          one row
 *
 * The files are created once and kept in the cache folder. pyarrow, which is installed on first use, writes the Parquet file.
 */
import { spawnSync } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync, statSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { homedir, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { openDataset } from '../src/datasets/index.ts';
import { createRandom } from '../src/random.ts';
import { tarFile } from '../test/support/data-files.ts';
import { preparePython } from '../test/support/python.ts';
import { machineLine, markdownTable, writeSection } from './docs.ts';

interface Row {
  readonly what: string;
  readonly file: string;
  make(file: string): Promise<void>;
  /** Most bytes of decoded data in memory; the rest is stored on disk. Default: all data in memory. */
  readonly maxBytes?: number;
}

const folder = path.join(process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'gradinit-bench');

/** JPEG images similar to those of CIFAR: smooth shapes with noise. */
async function* jpegs(count: number, size: number): AsyncGenerator<Buffer> {
  const random = createRandom(1, 'bench pictures');
  const variants = 200;
  const encoded: Buffer[] = [];
  for (let i = 0; i < variants; i++) {
    const pixels = Uint8Array.from({ length: size * size * 3 }, (_, at) => (at * (i + 1)) / size + random.below(40));
    encoded.push(
      await sharp(pixels, { raw: { width: size, height: size, channels: 3 } })
        .jpeg()
        .toBuffer(),
    );
  }
  for (let i = 0; i < count; i++) {
    const content = encoded[i % variants] as Buffer;
    const entry = tarFile([{ name: `train/class${i % 10}/${String(i).padStart(6, '0')}.jpg`, content }]);
    // Without the two blocks that end an archive, so that entries can be appended.
    yield i === count - 1 ? entry : entry.subarray(0, entry.length - 1024);
  }
}

function* csvLines(rows: number, columns: number): Generator<string> {
  const random = createRandom(2, 'bench table');
  yield `${Array.from({ length: columns }, (_, i) => `f${i}`).join(',')},label\n`;
  for (let row = 0; row < rows; row++) {
    const cells = Array.from({ length: columns }, () => (random.below(2_000_000) / 1000 - 1000).toFixed(3));
    yield `${cells.join(',')},${row % 10}\n`;
  }
}

const parquetOfPictures = `
import io, sys, numpy as np, pyarrow as pa, pyarrow.parquet as pq
from PIL import Image
rng = np.random.default_rng(0)
def jpeg():
    buffer = io.BytesIO()
    Image.fromarray(rng.integers(0, 256, (96, 96, 3), dtype=np.uint8)).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()
pool = [jpeg() for _ in range(500)]
rows = int(200e6 / np.mean([len(one) for one in pool]))
schema = pa.schema([("image", pa.struct([("bytes", pa.binary()), ("path", pa.string())])), ("label", pa.int64())])
with pq.ParquetWriter(sys.argv[1], schema, use_dictionary=False) as writer:
    for start in range(0, rows, 1000):
        part = range(start, min(rows, start + 1000))
        images = [{"bytes": pool[i % 500], "path": None} for i in part]
        writer.write_table(pa.table({"image": images, "label": [i % 10 for i in part]}, schema=schema))
`;

const write = (file: string, chunks: Iterable<string> | AsyncIterable<Buffer>) =>
  pipeline(Readable.from(chunks), createWriteStream(file));

const makeParquet = async (file: string) => {
  const python = await preparePython(['numpy>=1.26,<3', 'pyarrow==21.0.0', 'pillow==11.3.0']);
  if (typeof python === 'string') throw new Error(python);
  await python.run(parquetOfPictures, [file]);
};

const rows: Readonly<Record<string, Row>> = {
  jpeg: {
    what: '60,000 JPEG of 32 x 32 in class folders, tar',
    file: 'pictures.tar',
    make: (file) => write(file, jpegs(60_000, 32)),
  },
  csv: {
    what: 'CSV of 1,000,000 rows, 100 columns and a label',
    file: 'table.csv',
    make: (file) => write(file, csvLines(1_000_000, 100)),
  },
  parquet: { what: 'Parquet of JPEG of 96 x 96, 200 MB', file: 'pictures.parquet', make: makeParquet },
  'parquet-disk': {
    what: 'the same with 64 MiB of memory for data, the rest on disk',
    file: 'pictures.parquet',
    make: makeParquet,
    maxBytes: 64 * 2 ** 20,
  },
};

async function prepare({ file, make }: Row): Promise<string> {
  const target = path.join(folder, file);
  if (existsSync(target)) return target;
  mkdirSync(folder, { recursive: true });
  await make(`${target}.part`);
  await rename(`${target}.part`, target);
  return target;
}

/** Reads the dataset, then gathers 100 batches of 128 samples. */
async function measure({ file, maxBytes }: Row) {
  const started = performance.now();
  const limits = maxBytes === undefined ? {} : { maxBytes, spill: { folder: tmpdir(), maxBytes: 2 ** 36 } };
  const dataset = await openDataset(path.join(folder, file), {}, limits);
  const readSeconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage();
  const random = createRandom(3, 'bench batches');
  const begun = performance.now();
  for (let batch = 0; batch < 100; batch++)
    dataset.gather(Array.from({ length: 128 }, () => random.below(dataset.size)));
  const batchMs = (performance.now() - begun) / 100;
  return {
    samples: dataset.size,
    readSeconds,
    cpuSeconds: (user + system) / 1e6,
    batchMs,
    peakBytes: process.resourceUsage().maxRSS * 1024,
  };
}

type Measured = Awaited<ReturnType<typeof measure>>;

function inProcessOfItsOwn(name: string): Measured {
  const args = [...process.execArgv, import.meta.filename, '--row', name, '--measure'];
  const { stdout, status } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error(`${name} ended with ${status}`);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

const header = ['data', 'file MB', 'samples', 'read s', 'CPU s', 'batch of 128 ms', 'peak MiB of the process'];
const { values } = parseArgs({ options: { row: { type: 'string' }, measure: { type: 'boolean' } } });
const names = Object.keys(rows).filter((name) => values.row === undefined || name === values.row);
if (values.measure) {
  const [name = ''] = names;
  console.log(JSON.stringify(await measure(rows[name] as Row)));
} else {
  const cells: (string | number)[][] = [];
  for (const name of names) {
    const row = rows[name] as Row;
    const file = await prepare(row);
    const { samples, readSeconds, cpuSeconds, batchMs, peakBytes } = inProcessOfItsOwn(name);
    cells.push([
      row.what,
      Math.round(statSync(file).size / 1e6),
      samples.toLocaleString('en-US'),
      readSeconds.toFixed(1),
      cpuSeconds.toFixed(1),
      batchMs.toFixed(1),
      Math.round(peakBytes / 2 ** 20),
    ]);
    console.log(cells.at(-1)?.join('  |  '));
    if (values.row === undefined)
      writeSection('datasets', `${machineLine(`load ${loadavg()[0]?.toFixed(1)}`)}\n\n${markdownTable(header, cells)}`);
  }
}
