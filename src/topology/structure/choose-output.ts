/** One output of a model with several: the network whose loss is looked at. Layers, nodes and parameters stay; what the output does not depend on has no gradient. */
import { AppError } from '../../errors.ts';
import type { Topology } from '../topology.ts';

/** The names of the outputs: those of the layers that end the model. */
export const outputNames = ({ outputs, nodes, layers }: Pick<Topology, 'outputs' | 'nodes' | 'layers'>): string[] =>
  outputs.map((id) => layers[nodes[id]?.layer ?? -1]?.name ?? '');

/**
 * The topology with one of its outputs.
 *
 * @param wish the name of the layer that gives it, or its position, from 0; undefined leaves the model as it is
 * @throws INVALID_INPUT naming the outputs that there are
 */
export function chooseOutput(topology: Topology, wish: string | number | undefined): Topology {
  if (wish === undefined) return topology;
  const names = outputNames(topology);
  const found = names.flatMap((name, index) => (name === wish || index === wish ? [index] : []));
  const [position, ...others] = found;
  const id = topology.outputs[position ?? -1];
  if (id !== undefined && others.length === 0) return { ...topology, outputs: [id] };
  const problem = others.length > 0 ? `${found.length} outputs are called` : 'the model has no output';
  const listed = names.map((name, index) => `${index}: ${name}`).join(', ');
  throw new AppError(
    'INVALID_INPUT',
    `${problem} ${JSON.stringify(wish)}; its outputs are ${listed}: give the name, or the position where names are equal`,
  );
}
