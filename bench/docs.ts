/** Writes the generated sections of docs/benchmarks.md, which lie between markers. */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import path from 'node:path';

const file = path.resolve(import.meta.dirname, '../docs/benchmarks.md');

/** A line with the machine and the date of a measurement. */
export function machineLine(...more: readonly string[]): string {
  const processor = `${cpus().length} x ${cpus()[0]?.model.trim()}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB`;
  return [processor, `Node ${process.versions.node}`, ...more, new Date().toISOString().slice(0, 10)].join('; ');
}

export function markdownTable(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  return [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Replaces the text between the markers of section `name`. */
export function writeSection(name: string, body: string): void {
  const text = readFileSync(file, 'utf8');
  const [begin, end] = [`<!-- bench:${name}:begin -->`, `<!-- bench:${name}:end -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < 0) throw new Error(`docs/benchmarks.md needs the lines ${begin} and ${end}`);
  writeFileSync(file, `${text.slice(0, from)}${begin}\n\n${body}\n\n${text.slice(to)}`);
}
