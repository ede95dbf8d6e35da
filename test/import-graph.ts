/** The import lines of the sources, for the tests that hold the architecture. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export interface Import {
  /** The importing file, relative to the root, with forward slashes. */
  from: string;
  /** The imported file relative to the root, or the name of a package (`@scope/name` or `name`) or `node:...`. */
  to: string;
  /** Gone after type stripping: `import type`, `export type`. */
  typeOnly: boolean;
  /** `import('...')`: loaded when it is called. */
  dynamic: boolean;
}

const staticImport = /^\s*(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?'([^']+)'/gm;
const dynamicImport = /(?:(?<!typeof )\bimport|\brequire|createRequire\(import\.meta\.url\))\('([^']+)'\)/g;

/** All files with one of the extensions below the folders that exist, relative to the root. */
export function listFiles(root: string, folders: readonly string[], extensions: readonly string[]): string[] {
  return folders.flatMap((folder) => {
    const names = readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' });
    return names.filter((name) => extensions.includes(path.extname(name))).map((name) => `${folder}/${name}`);
  });
}

/** Every import of the given files. Comments do not count: import lines start their line, dynamic ones are rare. */
export function readImports(root: string, files: readonly string[]): Import[] {
  return files.flatMap((from) => {
    const text = readFileSync(path.join(root, from), 'utf8');
    const found = [
      ...[...text.matchAll(staticImport)].map(([, type, to = '']) => ({
        to,
        typeOnly: type !== undefined,
        dynamic: false,
      })),
      ...[...text.matchAll(dynamicImport)].map(([, to = '']) => ({ to, typeOnly: false, dynamic: true })),
    ];
    return found.map((entry) => ({ ...entry, from, to: resolveTarget(from, entry.to) }));
  });
}

function resolveTarget(from: string, specifier: string): string {
  if (specifier.startsWith('.')) return path.posix.join(path.posix.dirname(from), specifier);
  if (specifier.startsWith('node:')) return specifier;
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

/** The files that importing `start` loads at once, with `start` itself. */
export function loadedBy(start: string, imports: readonly Import[]): Set<string> {
  const edges = edgesOf(imports.filter((entry) => !entry.typeOnly && !entry.dynamic));
  const loaded = new Set([start]);
  for (const file of loaded) for (const next of edges.get(file) ?? []) loaded.add(next);
  return loaded;
}

/** One path a -> b -> ... -> a for every cycle that a depth-first walk closes; types count too. */
export function findCycles(imports: readonly Import[]): string[][] {
  const edges = edgesOf(imports);
  const done = new Set<string>();
  const cycles: string[][] = [];

  const walk = (file: string, trail: readonly string[]) => {
    const start = trail.indexOf(file);
    if (start >= 0) cycles.push([...trail.slice(start), file]);
    if (start >= 0 || done.has(file)) return;
    for (const next of edges.get(file) ?? []) walk(next, [...trail, file]);
    done.add(file);
  };
  for (const file of edges.keys()) walk(file, []);
  return cycles;
}

function edgesOf(imports: readonly Import[]): Map<string, string[]> {
  const edges = new Map<string, string[]>();
  for (const { from, to } of imports) edges.set(from, [...(edges.get(from) ?? []), to]);
  return edges;
}
