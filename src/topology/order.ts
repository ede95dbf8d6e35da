/** Topological order of a graph of calls, without recursion. */
import { AppError } from '../errors.ts';

const WHITE = 0;
const GREY = 1;
const BLACK = 2;

/**
 * Positions of all calls, ordered so that inputs precede their readers; calls that already are in order keep it.
 *
 * `inputs[i]` lists the positions that call i reads. Throws MODEL_CYCLE naming the calls along the cycle; `nameOf` returns the name of a position.
 */
export function topologicalOrder(
  inputs: readonly (readonly number[])[],
  nameOf: (position: number) => string,
): number[] {
  const colour = new Uint8Array(inputs.length);
  const order: number[] = [];
  for (let root = 0; root < inputs.length; root++) {
    if (colour[root] !== WHITE) continue;
    // Iterative depth-first search: each entry is a call and the number of its inputs that have been visited.
    const stack = [{ position: root, visited: 0 }];
    colour[root] = GREY;
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const next = inputs[top.position]?.[top.visited++];
      if (next === undefined) {
        colour[top.position] = BLACK;
        order.push(top.position);
        stack.pop();
      } else if (colour[next] === GREY) {
        const path = stack.map(({ position }) => position);
        refuseCycle([...path.slice(path.indexOf(next)), next].reverse().map(nameOf));
      } else if (colour[next] === WHITE) {
        colour[next] = GREY;
        stack.push({ position: next, visited: 0 });
      }
    }
  }
  return order;
}

function refuseCycle(layers: string[]): never {
  const shown = layers.length > 9 ? [...layers.slice(0, 4), '...', ...layers.slice(-4)] : layers;
  throw new AppError('MODEL_CYCLE', `the graph of layers contains a cycle: ${shown.join(' -> ')}`, {
    details: { layers },
  });
}
