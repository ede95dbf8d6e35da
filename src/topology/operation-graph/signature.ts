/** Signatures of operations as text: `conv2d(input, weight, bias=None, stride=1)`. An argument without a default must be there. */
import type { Argument } from './graph.ts';

export interface Signature {
  readonly op: string;
  readonly parameters: readonly { readonly name: string; readonly fallback?: Argument }[];
}

function readDefault(text: string): Argument {
  if (text === 'None') return null;
  if (text === 'True' || text === 'False') return text === 'True';
  if (text.startsWith("'")) return text.slice(1, -1);
  if (text === '[]') return [];
  return Number(text);
}

/** One signature a line. Keys are the names of the operations. */
export function readSignatures(text: string): ReadonlyMap<string, Signature> {
  const lines = text.split('\n').map((line) => line.trim());
  return new Map(
    lines.flatMap((line): [string, Signature][] => {
      const match = /^([\w.]+)\((.*)\)$/.exec(line);
      if (!match) return [];
      const [, op = '', list = ''] = match;
      const parameters = list
        .split(',')
        .map((entry) => entry.trim())
        .filter((entry) => entry !== '')
        .map((entry) => {
          const [name = '', fallback] = entry.split('=');
          return fallback === undefined ? { name } : { name, fallback: readDefault(fallback) };
        });
      return [[op, { op, parameters }]];
    }),
  );
}
