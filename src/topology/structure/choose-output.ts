/**
 * Selects one output of a model with several: the output that the loss takes. Layers, nodes and parameters are kept; parameters that the output does
 * not depend on have zero gradients.
 */
import { AppError } from '../../errors.ts';
import type { Topology } from '../topology.ts';

/** The names of the outputs: those of the layers that compute them. */
export const outputNames = ({ outputs, nodes, layers }: Pick<Topology, 'outputs' | 'nodes' | 'layers'>): string[] =>
  outputs.map((id) => layers[nodes[id]?.layer ?? -1]?.name ?? '');

/**
 * The topology with one of its outputs.
 *
 * @param output the name of the output's layer, or the index of the output from 0; undefined returns the model unchanged
 * @throws INVALID_INPUT naming the outputs of the model
 */
export function chooseOutput(topology: Topology, output: string | number | undefined): Topology {
  if (output === undefined) return topology;
  const names = outputNames(topology);
  const found = names.flatMap((name, index) => (name === output || index === output ? [index] : []));
  const [position, ...others] = found;
  const id = topology.outputs[position ?? -1];
  if (id !== undefined && others.length === 0) return withOneOutput(topology, id, position as number);
  const problem = others.length > 0 ? `${found.length} outputs are called` : 'the model has no output';
  const listed = names.map((name, index) => `${index}: ${name}`).join(', ');
  throw new AppError(
    'INVALID_INPUT',
    `${problem} ${JSON.stringify(output)}; its outputs are ${listed}: give the name, or the position where names are equal`,
  );
}

function withOneOutput({ outputMasks, ...topology }: Topology, id: number, position: number): Topology {
  const mask = outputMasks?.[position] ?? null;
  return { ...topology, outputs: [id], ...(mask === null ? {} : { outputMasks: [mask] }) };
}
