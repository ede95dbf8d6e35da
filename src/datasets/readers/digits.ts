/** `builtin:digits`: 1,797 handwritten digits of 8 x 8 pixels with values 0 to 16, shipped with the project (data/README.md names the source). */
import { createColumn } from '../column.ts';
import { readDataFile } from '../data-file.ts';
import { defineFormat, plainTargets, type RawDataset, sampleName } from '../dataset-format.ts';
import { assembleInputs, assembleTargets } from '../table/assemble.ts';
import { noHints } from '../table/columns.ts';
import { readTable } from './csv.ts';

export const digits = defineFormat({
  name: 'digits',
  summary: 'The built-in UCI handwritten digits: 1,797 grey images of 8 x 8 pixels, 10 classes.',
  options: {},
  /** Only by its name builtin:digits; the file alone is a CSV table. */
  recognise: () => null,
  conventions: [],

  async read(candidate, _options, { budget }): Promise<RawDataset> {
    const options = { part: 'train', header: false, delimiter: ',', decimal: 'point', labelColumn: -1 } as const;
    const { value, sha256 } = await readDataFile(candidate.path, candidate.label, budget.left(), (file) =>
      readTable(file, options, budget),
    );
    const { columns, chosen } = value;
    const pick = (positions: readonly number[]) => positions.flatMap((position) => columns[position] ?? []);
    const table = { inputs: pick(chosen.inputs), targets: pick(chosen.targets), locate: sampleName };
    const [features] = assembleInputs(table, noHints, budget, candidate.label);
    const pixels = features?.column.blocks.map(({ data }) => Uint8Array.from(data)) ?? [];
    const { column } = assembleTargets(table, false, noHints, budget, candidate.label);
    return {
      inputs: [
        { name: 'images', column: createColumn([8, 8], pixels), role: 'image', range: [0, 16], channelsFirst: false },
      ],
      targets: { ...plainTargets('digit', column, true), classes: 10 },
      parts: [{ name: 'train', samples: 1797 }],
      otherTargets: [],
      notes: [],
      sha256,
      locate: sampleName,
    };
  },
});
