/** Nodes against the signatures of their operations: every argument known, those left out filled in, every reference given before it is read. */
import { AppError } from '../../errors.ts';
import { type Argument, type GraphNode, inputNames, type OperationGraph, outputNames } from './graph.ts';
import { signatures } from './signatures/index.ts';

export const placeOf = ({ op, name, module }: Pick<GraphNode, 'op' | 'name' | 'module'>): string =>
  `operation ${op} (node "${name}"${module === '' ? '' : `, module "${module}"`})`;

/** Why operations of a kind are not read, and the way out. */
const reasons: readonly [RegExp, string][] = [
  [
    /^(rand|randn|randint|normal|uniform|poisson|multinomial|rrelu|randperm|exponential|geometric|log_normal|cauchy)/,
    'draws random numbers inside of forward, and a step must give the same numbers every time; take the noise as an input of the model',
  ],
  [
    /^(_?fft|view_as_(real|complex)|complex|real|imag|polar|angle)/,
    'computes with complex numbers, which are not read; write it in real numbers',
  ],
  [
    /^(nonzero|unique|_unique|masked_select|item|_local_scalar_dense|bincount|_assert_async)/,
    'gives a result whose shape or value depends on the data; use a form with fixed shapes, such as torch.where',
  ],
  [
    /^(cond|while_loop|map_impl|scan|associative_scan)/,
    'chooses or repeats parts of the graph by data; export the branch that trains',
  ],
  [
    /^(linalg_|svd|qr|lu|cholesky|eig|inverse|solve|triangular)/,
    'is linear algebra without a proven second derivative here',
  ],
];

export function refuseOperation(node: Pick<GraphNode, 'op' | 'name' | 'module'>): never {
  const reason =
    reasons.find(([pattern]) => pattern.test(node.op))?.[1] ??
    `is not supported; replace it in the model, or export with .run_decompositions({}) so that it is written in simpler operations`;
  throw new AppError('LAYER_UNKNOWN', `${placeOf(node)} ${reason}`, {
    details: { operation: node.op, node: node.name, module: node.module },
  });
}

const malformed = (node: GraphNode, problem: string): never => {
  throw new AppError('MODEL_MALFORMED', `${placeOf(node)} ${problem}`, {
    details: { operation: node.op, node: node.name, module: node.module },
  });
};

/** The node with every argument of its operation. Throws LAYER_UNKNOWN, MODEL_MALFORMED. */
export function bindNode(node: GraphNode): GraphNode {
  const signature = signatures.get(node.op) ?? refuseOperation(node);
  const known = new Set(signature.parameters.map(({ name }) => name));
  for (const name of Object.keys(node.args))
    if (!known.has(name))
      malformed(node, `has the argument "${name}", which is not known; known are ${[...known].join(', ')}`);
  const args: Record<string, Argument> = {};
  for (const { name, fallback } of signature.parameters) {
    const given = node.args[name];
    if (given === undefined && fallback === undefined) malformed(node, `lacks the argument "${name}"`);
    args[name] = given ?? fallback ?? null;
  }
  return { ...node, args };
}

/** Throws MODEL_MALFORMED for a name that is read before anything gives it, or given twice. */
export function checkReferences({ inputs, params, constants, nodes, outputs }: OperationGraph): void {
  const given = new Set<string>();
  const give = (name: string) => {
    if (given.has(name)) throw new AppError('MODEL_MALFORMED', `the graph gives the value "${name}" twice`);
    given.add(name);
  };
  for (const { name } of [...inputs, ...constants]) give(name);
  for (const { refs } of params) refs.forEach(give);
  for (const node of nodes) {
    for (const ref of inputNames(node))
      if (!given.has(ref)) malformed(node, `reads "${ref}", which nothing before it gives`);
    outputNames(node).forEach(give);
  }
  for (const output of outputs)
    if (!given.has(output)) throw new AppError('MODEL_MALFORMED', `the output "${output}" is given by nothing`);
}
