/** Formats a strict object schema as a Markdown table: option, values, default, description. */

/** The parts of JSON Schema that schemas of options use. */
interface Schema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly default?: unknown;
  readonly description?: string;
}

/** Bounds beyond this value are not printed: they only exclude absurd values. */
const unbounded = 1e6;

function range({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Schema): string {
  const lower = minimum !== undefined ? `>= ${minimum}` : exclusiveMinimum !== undefined ? `> ${exclusiveMinimum}` : '';
  const bounded = maximum !== undefined && maximum < unbounded;
  const upper = bounded ? `<= ${maximum}` : exclusiveMaximum !== undefined ? `< ${exclusiveMaximum}` : '';
  return [lower, upper].filter((part) => part !== '').join(', ');
}

/** The valid values of an option, in a few words. */
export function valuesOf(schema: Schema): string {
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const).replaceAll('"', '')}\``;
  if (schema.enum !== undefined) return schema.enum.map((value) => valuesOf({ const: value })).join(', ');
  if (schema.anyOf !== undefined) return schema.anyOf.map(valuesOf).join(', ');
  if (schema.type === 'array') return `list of ${schema.items === undefined ? 'values' : valuesOf(schema.items)}`;
  if (schema.type === 'object') return `{ ${Object.keys(schema.properties ?? {}).join(', ')} }`;
  return [schema.type ?? 'any', range(schema)].filter((part) => part !== '').join(' ');
}

/** Escapes characters that would end a table cell or row. */
export const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

/** A table of `rows` under `header`. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(header), `|${'---|'.repeat(header.length)}`, ...rows.map(line)].join('\n');
}

/** The options of a method, a dataset or a zoo model; a sentence where it has none. */
export function optionTable(schema: unknown): string {
  const options = Object.entries((schema as Schema).properties ?? {});
  if (options.length === 0) return 'No options.';
  return table(
    ['option', 'values', 'default', 'meaning'],
    options.map(([name, option]) => [
      `\`${name}\``,
      valuesOf(option),
      option.default === undefined ? '' : `\`${JSON.stringify(option.default).replaceAll('"', '')}\``,
      option.description ?? '',
    ]),
  );
}
