/** The set-up of a comparison for readers of its report: data, protocols, options of the methods, seeds, counts, machine, versions, commit, date, command. */
import type { ComparisonReport } from './report.ts';
import { samplesText } from './table.ts';

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const textOf = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));

/** An object as `key value, key value`. */
const listed = (value: unknown) =>
  isObject(value)
    ? Object.entries(value)
        .map(([key, inner]) => `${key} ${textOf(inner)}`)
        .join(', ')
    : textOf(value);

/** The command that repeats a comparison. comparison.json contains the specification, to which the layers of inline topologies must be added. */
const repeatCommand =
  'curl -X POST -H \'content-type: application/json\' --data-binary @comparison.json "$GRADINIT_URL/v1/comparisons"';

export function setUpOf(report: ComparisonReport): { readonly name: string; readonly text: string }[] {
  const { spec, cells, versions, machines, createdAt } = report;
  const counts = new Map<string, number>();
  for (const { state } of cells) counts.set(state.status, (counts.get(state.status) ?? 0) + 1);
  const given: Readonly<Record<string, unknown>> = isObject(spec) ? spec : {};
  const rows = (name: string, one: string) =>
    (Array.isArray(given[name]) ? given[name] : []).map((entry: unknown) => {
      const { label = '', ...rest } = isObject(entry) ? entry : {};
      return { name: `${one} ${textOf(label)}`, text: listed(rest) };
    });
  return [
    ...(createdAt === null ? [] : [{ name: 'date', text: createdAt }]),
    { name: 'data', text: `${listed(given.dataset)}; ${samplesText(report)}` },
    ...(given.test === undefined ? [] : [{ name: 'test data', text: listed(given.test) }]),
    { name: 'seeds', text: textOf(given.seeds) },
    { name: 'cells', text: [...counts].map(([status, count]) => `${count} ${status}`).join(', ') },
    ...rows('training', 'protocol'),
    ...rows('methods', 'method'),
    ...(machines.length === 0
      ? []
      : [{ name: machines.length === 1 ? 'machine' : 'machines', text: machines.join('; ') }]),
    { name: 'versions', text: listed(versions) },
    { name: 'command', text: repeatCommand },
  ];
}
