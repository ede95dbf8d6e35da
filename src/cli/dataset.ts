/** gradinit dataset: describes a dataset and its preprocessing before a run. */
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { encodeNpz } from '../codecs/npz.ts';
import { asRead, type Dataset, type DatasetOptions } from '../datasets/index.ts';
import { AppError } from '../errors.ts';
import { type DatasetDescription, describeDataset } from '../jobs/inspect/describe-dataset.ts';
import { jsonFlag, parseFlags, required } from './args.ts';
import { openChecked } from './open-dataset.ts';

export const usage = `usage: gradinit dataset --dataset REF [--dataset-options JSON] [--part NAME] [--json] [--write FILE.npz]

  --dataset REF            builtin:digits, or the path of a file or folder
  --dataset-options JSON   as in a job
  --part NAME              train, validation or test (default train)
  --json                   one JSON document
  --write FILE.npz         the part as arrays x (or x0, x1, ...) and y, as read: before normalisation, with class ids`;

export async function run(args: readonly string[]): Promise<number> {
  const options = {
    dataset: { type: 'string' },
    'dataset-options': { type: 'string' },
    part: { type: 'string' },
    json: { type: 'boolean' },
    write: { type: 'string' },
  } as const;
  const parsed = parseFlags(args, options, usage);
  if (!parsed) return 0;
  const { values } = parsed;
  const ref = required(values.dataset, '--dataset');
  const given = jsonFlag(values['dataset-options'], '--dataset-options');
  // Options are checked when the dataset is opened.
  const wanted = { ...given, ...(values.part === undefined ? {} : { part: values.part }) } as DatasetOptions;
  const opened = await openChecked(ref, wanted);
  const description = describeDataset(opened);
  if (values.json) console.log(JSON.stringify(description));
  else print(ref, description);
  if (values.write !== undefined) await write(opened, values.write);
  return 0;
}

async function write(opened: Dataset, file: string): Promise<void> {
  try {
    await pipeline(Readable.from(encodeNpz(asRead(opened))), createWriteStream(file));
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError(
      'OUTPUT_UNWRITABLE',
      `${file}: cannot be written: ${cause instanceof Error ? cause.message : cause}`,
      { cause },
    );
  }
}

const short = (numbers: readonly number[]) => numbers.map((value) => Number(value.toPrecision(6))).join(' ');
/** Most classes that are printed; --json prints all. */
const maxPrintedClasses = 25;

function print(ref: string, description: DatasetDescription): void {
  const { format, reason, parts, part, samples, inputs, notes, first } = description;
  const sizes = parts.map(({ name, samples: count }) => `${name} ${count}`).join(', ');
  console.log(`${ref}: ${format}, because it ${reason}`);
  console.log(`  parts: ${sizes}; this is ${part} with ${samples} samples\n`);
  for (const { name, shape, dtype, stored, min, max, normalization } of inputs) {
    console.log(
      `  input ${JSON.stringify(name)}: [${shape}] ${dtype} (held as ${stored}), from ${short([min])} to ${short([max])}`,
    );
    if (normalization === null) console.log('    is not normalised');
    else {
      console.log(
        `    is normalised (${normalization.mode}): (x - offset) / scale, offset ${short(normalization.offset)}, scale ${short(normalization.scale)}`,
      );
      console.log(`    Keras: ${normalization.keras}\n    PyTorch: ${normalization.torch}`);
    }
  }
  printTargets(description);
  for (const note of notes) console.log(`  note: ${note}`);
  console.log('\n  first samples:');
  for (const { inputs: numbers, target } of first) {
    const shown = numbers.map((values) => short(values)).join(' | ');
    console.log(`    ${shown} ... -> ${typeof target === 'string' ? target : short(target)}`);
  }
}

function printTargets({ targets }: DatasetDescription): void {
  if (targets.kind === 'values') {
    console.log(
      `  targets ${JSON.stringify(targets.name)}: values of shape [${targets.shape}] from ${short([targets.min])} to ${short([targets.max])}`,
    );
    return;
  }
  if (targets.kind === 'several') {
    console.log(`  targets ${JSON.stringify(targets.name)}, of ${targets.parts.length} outputs:`);
    for (const part of targets.parts)
      console.log(
        `    ${part.kind === 'classes' ? `${part.classes} classes` : 'values'} of shape [${part.shape ?? []}]`,
      );
    return;
  }
  const perSample = targets.shape === undefined ? '' : `, ids of shape [${targets.shape}] for each sample`;
  console.log(`  targets ${JSON.stringify(targets.name)}: ${targets.classes} classes${perSample}`);
  for (const [id, name] of targets.names.slice(0, maxPrintedClasses).entries())
    console.log(`    ${String(id).padStart(4)}  ${name.padEnd(24)} ${targets.counts[id] ?? 0}`);
  if (targets.classes > maxPrintedClasses) console.log(`          ... (${targets.classes} classes)`);
  if (targets.ignored !== null)
    console.log(`    label ${targets.ignored.label}: no label at ${targets.ignored.positions} positions`);
}
