/** The columns of a table, as every reader of tables hands them over: cells, lists and pictures of one length, and what cannot be used. */
import type { Column } from '../column.ts';
import type { Role } from '../dataset-format.ts';
import type { ScalarColumn } from './cells.ts';

/** Lists, nested lists or pictures, all of one shape. */
export interface ArrayColumn {
  readonly kind: 'arrays';
  readonly name: string;
  readonly rows: number;
  readonly column: Column;
  readonly role: Role;
  readonly range: readonly [number, number] | null;
  readonly isWhole: boolean;
}

/** A column that no network takes: it is refused when it is an input, and left out otherwise. */
export interface UnusableColumn {
  readonly kind: 'unusable';
  readonly name: string;
  readonly rows: number;
  /** The end of a sentence that begins with its name: 'holds timestamps; ...'. */
  readonly problem: string;
}

/** The problem of a column of integers beyond 2^53. */
export const hugeProblem = (example: bigint | string): string =>
  `holds whole numbers such as ${example}, which no float can tell apart (an id?): leave it out by the option "inputs"`;

export type TableColumn = ScalarColumn | ArrayColumn | UnusableColumn;

/** What a file says of its labels, beyond names of columns. */
export interface TableHints {
  /** Names by id of the columns that are ClassLabel (Hugging Face). */
  readonly classNames: ReadonlyMap<string, readonly string[]>;
  /** Columns that store booleans. */
  readonly booleans: ReadonlySet<string>;
  /** Columns whose whole numbers are stored as floats by a file that has types: values, not classes. */
  readonly floats: ReadonlySet<string>;
}

export const noHints: TableHints = { classNames: new Map(), booleans: new Set(), floats: new Set() };
