/**
 * Generates the table of src/engine/graph/operation-inputs.generated.ts from the registry of the installed libtensorflow.
 *
 * Field numbers are those of tensorflow/core/framework/op_def.proto.
 */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import pb from 'protobufjs/minimal.js';
import { projectRoot } from '../setup/paths.mjs';

export const operationTableFile = 'src/engine/graph/operation-inputs.generated.ts';

/** Visits the fields of a message that ends at `end`; `read` returns whether it consumed the field. */
function eachField(reader: pb.Reader, end: number, read: (field: number) => boolean): void {
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (!read(tag >>> 3)) reader.skipType(tag & 7);
  }
}

/** Visits the fields of a nested message. */
function eachNestedField(reader: pb.Reader, read: (field: number) => boolean): true {
  const end = reader.uint32() + reader.pos;
  eachField(reader, end, read);
  return true;
}

/** OpDef.ArgDef as one word: `T`, `N*T`, `[Tlist]`, or `-` for a fixed type. */
function readArgument(reader: pb.Reader): string {
  let [type, count, list] = ['-', '', ''];
  eachNestedField(reader, (field) => {
    if (field === 4) type = reader.string();
    else if (field === 5) count = `${reader.string()}*`;
    else if (field === 6) list = reader.string();
    else return false;
    return true;
  });
  return list === '' ? `${count}${type}` : `[${list}]`;
}

/** Signature of the inputs -> names of the operations, both sorted; operations whose inputs refer to no attribute are omitted. */
export function operationsBySignature(opList: Uint8Array): Map<string, string[]> {
  const reader = pb.Reader.create(opList);
  const bySignature = new Map<string, string[]>();
  eachField(reader, reader.len, (field) => {
    if (field !== 1) return false;
    let name = '';
    const inputs: string[] = [];
    eachNestedField(reader, (inner) => {
      if (inner === 1) name = reader.string();
      else if (inner === 2) inputs.push(readArgument(reader));
      else return false;
      return true;
    });
    const signature = inputs.join(' ');
    if (/\w/.test(signature)) bySignature.set(signature, [...(bySignature.get(signature) ?? []), name]);
    return true;
  });
  const names = (list: string[]) => list.sort();
  return new Map([...bySignature].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, list]) => [key, names(list)]));
}

/** The source text of the table for the libtensorflow in `libDir`. Requires python3, as set-up does. */
export function operationTable(libDir: string, tensorflowVersion: string): string {
  const script = path.join(projectRoot, 'scripts/operations/op-registry.py');
  const python = process.env.PYTHON ?? 'python3';
  const opList = execFileSync(python, [script, libDir], { maxBuffer: 2 ** 26, stdio: ['ignore', 'pipe', 'ignore'] });
  const rows = [...operationsBySignature(opList)].map(([key, names]) => `  '${key}': '${names.join(' ')}',`);
  return [
    `// Written by npm run operations:table from the registry of TensorFlow ${tensorflowVersion}; do not edit.`,
    '/** Signature of the inputs (operation-inputs.ts explains the notation) -> the operations that have it. */',
    'export const operationsBySignature: Readonly<Record<string, string>> = {',
    ...rows,
    '};',
    '',
  ].join('\n');
}
