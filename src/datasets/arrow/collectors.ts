/** Collects the values of one column of an Arrow table, record batch by record batch. */
import type { Vector } from '../../codecs/arrow.ts';
import { malformed, type Origin } from '../../codecs/byte-source.ts';
import type { Budget } from '../budget.ts';
import type { ImageSize } from '../pictures/decode-all.ts';
import { addScalars } from '../table/add-values.ts';
import { createArrayCells, type Padding } from '../table/array-cells.ts';
import { createScalarCells } from '../table/cells.ts';
import { hugeProblem, type TableColumn } from '../table/columns.ts';
import { addPictures, createPictureCells } from '../table/picture-cells.ts';
import { type FieldContent, listValues } from './fields.ts';

export interface Collector {
  add(values: Vector): Promise<void>;
  /** `rows`: those of the table. */
  finish(rows: number): Promise<TableColumn>;
}

export interface CollectorOptions {
  readonly padding: Padding;
  readonly imageSize: ImageSize | undefined;
  readonly budget: Budget;
  readonly origin: Origin;
}

export function createCollector(name: string, content: FieldContent, options: CollectorOptions): Collector {
  if (content.kind === 'unusable') return unusable(name, content.problem);
  if (content.kind === 'pictures') return pictures(name, content.isStruct, options);
  if (content.kind === 'arrays') return lists(name, content, options);
  return scalars(name, options);
}

const unusable = (name: string, problem: string): Collector => ({
  async add() {},
  finish: async (rows) => ({ kind: 'unusable', name, rows, problem }),
});

function pictures(name: string, isStruct: boolean, { imageSize, budget, origin }: CollectorOptions): Collector {
  const cells = createPictureCells(name, imageSize, budget, origin.name);
  let problem: string | null = null;
  return {
    async add(values) {
      problem ??= await addPictures(
        cells,
        (function* () {
          for (const value of values) yield isStruct ? (value?.toJSON?.() ?? value) : value;
        })(),
      );
    },
    finish: async (rows) => (problem === null ? cells.finish() : { kind: 'unusable', name, rows, problem }),
  };
}

function lists(
  name: string,
  { storage }: Extract<FieldContent, { kind: 'arrays' }>,
  { padding, budget, origin }: CollectorOptions,
): Collector {
  const cells = createArrayCells(name, storage, padding, budget, origin.name);
  return {
    async add(values) {
      for (const value of values) {
        if (value === null) cells.missing();
        else cells.add(listValues(value));
      }
    },
    finish: async () => cells.finish(),
  };
}

/** Values of other types than numbers are made one by one: so many are held at a time. */
const valuesAtOnce = 4096;

function scalars(name: string, { budget, origin }: CollectorOptions): Collector {
  const cells = createScalarCells(name, budget, origin.name);
  let huge: bigint | null = null;
  return {
    async add(values) {
      if (values.nullCount === 0 && isPlain(values)) {
        const numbers: ArrayLike<unknown> = values.toArray();
        if (numbers.length !== values.length)
          malformed(
            origin,
            `column ${JSON.stringify(name)} promises ${values.length} values and has ${numbers.length}`,
          );
        huge ??= addScalars(cells, numbers);
        return;
      }
      for (let start = 0; start < values.length; start += valuesAtOnce) {
        const length = Math.min(valuesAtOnce, values.length - start);
        const some = Array.from({ length }, (_, i): unknown => values.get(start + i));
        huge ??= addScalars(cells, some);
      }
    },
    async finish(rows) {
      if (huge === null) return cells.finish();
      const problem = hugeProblem(huge);
      return { kind: 'unusable', name, rows, problem };
    },
  };
}

/** Its memory is that of a typed array with the same numbers. */
const isPlain = ({ type }: Vector) => /^((Ui|I)nt\d+|Float(32|64))$/.test(String(type));
