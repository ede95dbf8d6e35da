/** Opens the data that a command names. What libraries read is read in a process of its own first: damaged bytes may end a process, or keep it for ever. */
import { stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Dataset, type DatasetOptions, formats, openDataset, recogniseDataset } from '../datasets/index.ts';
import { createInspector } from '../jobs/inspect/inspector.ts';

/** Data beyond the default limit of memory. */
const spill = { folder: path.join(tmpdir(), 'gradinit-datasets'), maxBytes: 64 * 2 ** 30 };

/** A file that is not read at this pace never will be. */
const shortestMs = 30_000;
const msPerMebibyte = 1000;

/** `leastMs` is what even the smallest file may take. Throws what opening it throws; DATASET_INVALID for a file at which its reader dies or does not end. */
export async function openChecked(ref: string, options: DatasetOptions = {}, leastMs = shortestMs): Promise<Dataset> {
  const { format } = options.format === undefined ? await recogniseDataset(ref) : { format: options.format };
  if (formats[format].mayCrash) await tryElsewhere(ref, options, leastMs);
  return openDataset(ref, options, { spill });
}

async function tryElsewhere(ref: string, options: DatasetOptions, leastMs: number): Promise<void> {
  const file = ref.replace(/^file:/, '');
  const { size } = await stat(file);
  const timeoutMs = leastMs + (size / 2 ** 20) * msPerMebibyte;
  const inspector = createInspector({ idleMs: 1000, timeoutMs });
  try {
    await inspector.inspect({ path: file, label: ref, kind: 'dataset', options, maxBytes: 4 * 2 ** 30, spill });
  } finally {
    inspector.close();
  }
}
