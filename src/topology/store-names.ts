/** Names of the groups in the weights files of Keras 3: a layer is stored under its class and its number among the layers of that class. */

/** 'SeparableConv2D' -> 'separable_conv2d': a word begins at a capital before a small letter, and at one behind a small letter. */
const snakeCase = (className: string) =>
  className
    .replace(/\W+/g, '')
    .replace(/(?<=.)(?=[A-Z][a-z])|(?<=[a-z])(?=[A-Z])/g, '_')
    .toLowerCase();

/** Keras exports one class under another name than its own. */
const ownNames: ReadonlyMap<string, string> = new Map([['GroupQueryAttention', 'GroupedQueryAttention']]);

/** Gives the classes of one container, in its order, the names under which it stores their layers: dense, dense_1, ... */
export function createStoreNames(): (className: string) => string {
  const counts = new Map<string, number>();
  return (className) => {
    const name = snakeCase(ownNames.get(className) ?? className);
    const count = counts.get(name) ?? 0;
    counts.set(name, count + 1);
    return count === 0 ? name : `${name}_${count}`;
  };
}
