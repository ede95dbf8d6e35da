/** Names of the groups in weights files of Keras 3: a layer is stored under its class and its number among the layers of this class. */

/** 'SeparableConv2D' -> 'separable_conv2d': a word begins at a capital that a small letter follows or precedes. */
const snakeCase = (className: string) =>
  className
    .replace(/\W+/g, '')
    .replace(/(?<=.)(?=[A-Z][a-z])|(?<=[a-z])(?=[A-Z])/g, '_')
    .toLowerCase();

/** Keras exports one class under a name that differs from that of its implementation. */
const ownNames: ReadonlyMap<string, string> = new Map([['GroupQueryAttention', 'GroupedQueryAttention']]);

/** Returns a function from the classes of a container's layers, in order, to the names under which they are stored: dense, dense_1, ... */
export function createStoreNames(): (className: string) => string {
  const counts = new Map<string, number>();
  return (className) => {
    const name = snakeCase(ownNames.get(className) ?? className);
    const count = counts.get(name) ?? 0;
    counts.set(name, count + 1);
    return count === 0 ? name : `${name}_${count}`;
  };
}
