/** The corpus of real files: a folder NAME with data/, about.json and the truth, expected.npz or expected.json. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';

const About = Type.Object({
  name: Type.String(),
  reference: Type.String({ pattern: '^file:' }),
  options: Type.Record(Type.String(), Type.Unknown()),
  kind: Type.Enum(['accepted', 'refused']),
  tolerance: Type.Optional(Type.Number()),
  toleranceOf: Type.Optional(Type.Literal('mean')),
  classes: Type.Optional(Type.Array(Type.String())),
  alternative: Type.Optional(Type.String()),
});

const Refused = Type.Object({
  refused: Type.Object({ mustName: Type.Array(Type.String()) }),
});

export interface CorpusCase extends Static<typeof About> {
  /** Of the file or folder that is opened. */
  readonly file: string;
  /** Of expected.npz; null for what must be refused. */
  readonly expected: string | null;
  /** Each is in the message; 'a|b' is one of them. */
  readonly mustName: readonly string[];
  /** Refusing is one right answer, reading it another. */
  readonly mayBeAccepted: boolean;
}

const readJson = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));

/** The cases in a folder, by name. */
export function readCases(root: string): CorpusCase[] {
  const names = readdirSync(root).filter((name) => existsSync(path.join(root, name, 'about.json')));
  return names.sort().map((name) => {
    const about = Value.Parse(About, readJson(path.join(root, name, 'about.json')));
    const file = path.join(root, about.reference.slice('file:'.length));
    if (about.kind === 'accepted')
      return { ...about, file, expected: path.join(root, name, 'expected.npz'), mustName: [], mayBeAccepted: false };
    const { refused } = Value.Parse(Refused, readJson(path.join(root, name, 'expected.json')));
    return {
      ...about,
      file,
      expected: null,
      mustName: refused.mustName,
      mayBeAccepted: about.alternative?.startsWith('accepted') ?? false,
    };
  });
}
