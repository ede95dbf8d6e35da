/**
 * Topologies with the outputs that their framework computed. A folder has `model.json`, `about.json` and, where the weights are small,
 * `weights.safetensors`, `inputs.safetensors` (x, or x0, x1, ...) and `outputs.safetensors` (y0, ...).
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { decodeSafetensors } from '../../src/codecs/safetensors.ts';
import { infer } from '../../src/engine/network/infer.ts';
import { AppError } from '../../src/errors.ts';
import { parseModel } from '../../src/models/index.ts';
import { type NDArray, ndarray } from '../../src/ndarray.ts';
import type { Param, Topology } from '../../src/topology/topology.ts';

export type Outcome =
  /** Parameters and outputs equal those of the framework; `error` is relative to the largest output, null where no outputs are recorded. */
  | { readonly kind: 'exact'; readonly error: number | null }
  /** The model was read but computes something else. */
  | { readonly kind: 'different'; readonly what: string }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  /** An error without a code for users. */
  | { readonly kind: 'crashed'; readonly message: string };

interface About {
  readonly total?: number;
  readonly paths?: readonly string[];
  readonly note?: string;
}

type Arrays = ReadonlyMap<string, NDArray>;

const readArrays = (folder: string, name: string): Arrays | null => {
  const file = path.join(folder, name);
  return existsSync(file) ? decodeSafetensors(readFileSync(file), file).tensors : null;
};

/** x0, x1, ... or x. uint8 images become int32, as in TensorFlow. */
function inputsOf(arrays: Arrays): NDArray<'float32' | 'int32'>[] {
  const names = arrays.has('x') ? ['x'] : [...arrays.keys()].sort((a, b) => Number(a.slice(1)) - Number(b.slice(1)));
  return names.map((name) => {
    const array = arrays.get(name) as NDArray;
    return array.dtype === 'uint8' ? ndarray('int32', array.shape, Int32Array.from(array.data)) : array;
  });
}

const dropSuffix = (name: string) => name.replace(/:\d+$/, '');

/** The value of every parameter: by its name, otherwise (for names that depend on the process that created them) by its position in the framework's order. */
function weightsFor(
  params: readonly Param[],
  arrays: Arrays,
  paths: readonly string[],
): Map<string, NDArray<'float32'>> {
  const byName = new Map([...arrays].map(([name, array]) => [dropSuffix(name), array]));
  return new Map(
    params.map(({ name, shape }, index) => {
      const array = byName.get(name) ?? byName.get(dropSuffix(paths[index] ?? ''));
      if (!array) throw new Error(`no weight for ${name} among ${[...byName.keys()]}`);
      // Keras 2 stores a scalar as a vector with one element.
      if (array.shape.join() !== shape.join() && array.data.length !== 1)
        throw new Error(`${name} has shape [${shape}], the file [${array.shape}]`);
      return [name, ndarray('float32', shape, Float32Array.from(array.data))];
    }),
  );
}

/** Largest difference relative to the largest expected value; NaN where exactly one of two values is NaN. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [largest, worst] = [1e-30, 0];
  for (let index = 0; index < expected.length; index += 1) {
    const [a, b] = [actual[index] ?? Number.NaN, expected[index] as number];
    if (Object.is(a, b) || a === b) continue;
    if (Number.isNaN(a) || Number.isNaN(b)) return Number.NaN;
    worst = Math.max(worst, Math.abs(a - b));
  }
  for (let index = 0; index < expected.length; index += 1)
    largest = Math.max(largest, Math.abs(expected[index] as number));
  return worst / largest;
}

function compareParams(topology: Topology, { total }: About): string | null {
  const count = topology.layers
    .flatMap(({ params }) => params)
    .reduce((sum, { shape }) => sum + shape.reduce((product, extent) => product * extent, 1), 0);
  return total === undefined || total === count ? null : `has ${count} parameters instead of ${total}`;
}

/** Tolerance relative to the largest output. Frameworks round with half-precision policies; the engine computes in float32. */
function toleranceOf(modelText: string): number {
  if (modelText.includes('mixed_bfloat16')) return 1e-2;
  return modelText.includes('mixed_float16') ? 1e-3 : 1e-5;
}

async function compareOutputs(folder: string, topology: Topology, about: About, tolerance: number): Promise<Outcome> {
  const outputs = readArrays(folder, 'outputs.safetensors');
  const inputs = readArrays(folder, 'inputs.safetensors');
  if (!outputs || !inputs) return { kind: 'exact', error: null };
  const params = topology.layers.flatMap((layer) => layer.params);
  const weights = weightsFor(params, readArrays(folder, 'weights.safetensors') ?? new Map(), about.paths ?? []);
  const results = await infer(topology, weights, inputsOf(inputs));
  if (results.length !== outputs.size)
    return { kind: 'different', what: `${results.length} outputs instead of ${outputs.size}` };
  let worst = 0;
  for (const [index, result] of results.entries()) {
    const expected = outputs.get(`y${index}`) as NDArray;
    if (result.shape.join() !== expected.shape.join())
      return { kind: 'different', what: `output ${index} has shape [${result.shape}] instead of [${expected.shape}]` };
    worst = Math.max(worst, relativeError(result.data, expected.data));
  }
  return worst <= tolerance
    ? { kind: 'exact', error: worst }
    : { kind: 'different', what: `outputs differ by ${worst}` };
}

/** Reads the model of a case, counts its parameters and compares its outputs. */
export async function runModelCase(folder: string): Promise<Outcome> {
  try {
    const about = JSON.parse(readFileSync(path.join(folder, 'about.json'), 'utf8')) as About;
    const inputs = readArrays(folder, 'inputs.safetensors');
    const text = readFileSync(path.join(folder, 'model.json'), 'utf8');
    const topology = parseModel({
      topology: text,
      ...(inputs ? { inputShapes: inputsOf(inputs).map(({ shape }) => shape.slice(1)) } : {}),
    }).topology;
    const what = compareParams(topology, about);
    return what ? { kind: 'different', what } : await compareOutputs(folder, topology, about, toleranceOf(text));
  } catch (error) {
    if (error instanceof AppError && error.code !== 'INTERNAL')
      return { kind: 'refused', code: error.code, message: error.message };
    return { kind: 'crashed', message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

/** The cases in a folder, sorted. */
export function modelCases(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}
