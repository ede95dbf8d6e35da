/**
 * Finds the tensor of a file that belongs to each parameter, whatever tool named it.
 *
 *   exact                 dense/kernel
 *   TensorFlow's suffix   dense/kernel:0
 *   dots for slashes      dense.kernel
 *   Keras' weights file   layers/dense/vars/0
 *   more or less path     sequential/dense/kernel for dense/kernel, and the other way round, where that is one tensor of the shape
 */
export interface Named {
  readonly name: string;
  readonly shape: readonly number[];
  /** Path of the parameter in a weights file of Keras 3. */
  readonly stored?: string;
}

export interface Matches {
  /** Name in the file by parameter name. */
  readonly names: ReadonlyMap<string, string>;
  /** Names in the file that belong to no parameter. */
  readonly rest: readonly string[];
}

const plain = (name: string) => name.replace(/:\d+$/, '');
const slashed = (name: string) => (name.includes('/') ? name : name.replaceAll('.', '/'));

/** A name without TensorFlow's suffix `:0`, with slashes instead of dots. */
const pathOf = (name: string) => slashed(plain(name));

/** A path in a weights file of Keras in its usual form: some versions write private names of attributes (with an underscore), others public ones. */
const storeOf = (path: string) =>
  path.replace(/(^|\/)_layer_checkpoint_dependencies\//g, '$1layers/').replace(/(^|\/)_/g, '$1');

const sameShape = (a: readonly number[], b: readonly number[]) => `${a}` === `${b}`;

/** True when one path is a suffix of the other. */
const overlap = (a: string, b: string) => a.endsWith(`/${b}`) || b.endsWith(`/${a}`);

/** Matches names in the file to parameters. Every name is used once; where several tensors fit one parameter, none is taken. */
export function matchNames(
  params: readonly Named[],
  shapes: ReadonlyMap<string, { readonly shape: readonly number[] }>,
): Matches {
  const names = new Map<string, string>();
  const free = new Set(shapes.keys());
  const take = (param: string, found: string | undefined) => {
    if (found === undefined) return;
    names.set(param, found);
    free.delete(found);
  };
  for (const { name } of params) take(name, free.has(name) ? name : undefined);
  const byPath = new Map([...free].map((name) => [pathOf(name), name]));
  for (const { name } of params) {
    const found = names.has(name) ? undefined : byPath.get(name);
    take(name, found !== undefined && free.has(found) ? found : undefined);
  }
  const byStore = new Map([...free].map((name) => [storeOf(name), name]));
  for (const { name, stored } of params) {
    const found = names.has(name) || stored === undefined ? undefined : byStore.get(storeOf(stored));
    take(name, found !== undefined && free.has(found) ? found : undefined);
  }
  const open = params.filter(({ name }) => !names.has(name));
  const candidates = open.map(({ name, shape }) =>
    [...free].filter((found) => overlap(pathOf(found), name) && sameShape(shapes.get(found)?.shape ?? [], shape)),
  );
  for (const [index, { name }] of open.entries()) {
    const [found, ...others] = candidates[index] ?? [];
    const wantedByOthers = candidates.some(
      (list, other) => other !== index && found !== undefined && list.includes(found),
    );
    if (others.length === 0 && !wantedByOthers) take(name, found);
  }
  return { names, rest: [...free] };
}
