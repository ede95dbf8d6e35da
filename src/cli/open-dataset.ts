/**
 * Opens the dataset of a command. Formats that a library parses are first read in a separate process, because damaged files may crash or block the
 * process that reads them.
 */
import { stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Dataset, type DatasetOptions, formats, openDataset, recogniseDataset } from '../datasets/index.ts';
import { createInspector } from '../jobs/inspect/inspector.ts';

/** Where data beyond the default memory limit is stored. */
const spill = { folder: path.join(tmpdir(), 'gradinit-datasets'), maxBytes: 64 * 2 ** 30 };

/** Shortest time limit for reading a file, in milliseconds. */
const shortestMs = 30_000;
const msPerMebibyte = 1000;

/**
 * Opens a dataset. `leastMs` is the time limit of the smallest file. Throws the errors of opening it; DATASET_INVALID for a file whose reader process
 * crashes or exceeds the time limit.
 */
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
