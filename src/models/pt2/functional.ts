/**
 * Changes in place resolved: the result is a graph in which no operation changes a value.
 *
 * A view remembers what it is a view of. Where a value is changed, the new value is written back along the views that lead to it, up to the tensor whose
 * memory it is; other views of that memory are taken anew before they are read again.
 */
import { AppError } from '../../errors.ts';
import { placeOf } from '../../topology/operation-graph/bind.ts';
import { type Argument, type GraphNode, isReference, outputNames } from '../../topology/operation-graph/graph.ts';
import { type RawNode, readArgument, readNode } from './nodes.ts';
import { listOf, objectOf } from './schema.ts';
import { isView, type PartExtent, partsOf, sometimesCopies, writers } from './views.ts';

interface View {
  readonly parent: string;
  readonly node: RawNode;
}

export interface Aliasing {
  /** Whether a result shares the memory of its operand, for operations that sometimes copy. */
  sharesMemory(operand: string, result: string): boolean;
  /** The extent of a value along an axis, where it is fixed. */
  readonly extentOf: PartExtent;
  /** Names of parameters and buffers. */
  readonly state: ReadonlySet<string>;
}

const operandOf = ({ args }: RawNode): string | undefined => {
  const operand = args.self ?? args.input;
  return operand !== undefined && isReference(operand) ? operand.ref : undefined;
};

export function toFunctional(raw: readonly RawNode[], { sharesMemory, extentOf, state }: Aliasing) {
  const nodes: GraphNode[] = [];
  const views = new Map<string, View>();
  const current = new Map<string, string>();
  const versionOf = new Map<string, number>(); // of the memory of a root
  const seenVersion = new Map<string, number>(); // at which a name was last computed
  let made = 0;

  const rootOf = (name: string): string => {
    let root = name;
    for (let view = views.get(root); view; view = views.get(root)) root = view.parent;
    return root;
  };
  const emit = (node: Pick<GraphNode, 'op' | 'args'>, by: RawNode): string => {
    const output = `${by.name}.${made++}`;
    nodes.push({ ...node, name: by.name, module: by.module, outputs: [output] });
    return output;
  };
  const read = (name: string, by: RawNode): string => {
    const view = views.get(name);
    const version = versionOf.get(rootOf(name)) ?? 0;
    if (view && (seenVersion.get(name) ?? 0) < version) {
      const parent = read(view.parent, by);
      const key = view.node.args.self !== undefined ? 'self' : 'input';
      current.set(
        name,
        emit({ op: view.node.op, args: { ...resolve(view.node.args, by, key), [key]: { ref: parent } } }, by),
      );
      seenVersion.set(name, version);
    }
    return current.get(name) ?? name;
  };
  const resolveOne = (argument: Argument, by: RawNode): Argument => {
    if (isReference(argument)) return { ref: read(argument.ref, by) };
    return Array.isArray(argument) ? (argument as readonly Argument[]).map((entry) => resolveOne(entry, by)) : argument;
  };
  const resolve = (args: GraphNode['args'], by: RawNode, except?: string): Record<string, Argument> =>
    Object.fromEntries(
      Object.entries(args).map(([key, value]) => [key, key === except ? value : resolveOne(value, by)]),
    );

  /** `name` now holds `value`. */
  const write = (name: string, value: string, by: RawNode): void => {
    const version = (versionOf.get(rootOf(name)) ?? 0) + 1;
    let [at, content] = [name, value];
    for (let view = views.get(at); view; view = views.get(at)) {
      const writer = writers[view.node.op];
      if (!writer)
        throw new AppError(
          'MODEL_MALFORMED',
          `${placeOf(by)} changes a view (${view.node.op}) in place, which is not read; export with ep = ep.run_decompositions({})`,
        );
      const whole = read(view.parent, by);
      current.set(at, content);
      seenVersion.set(at, version);
      content = emit(writer(view.node, { ref: whole }, { ref: content }), view.node);
      at = view.parent;
    }
    if (state.has(at)) content = emit({ op: 'changed_buffer', args: { self: { ref: content } } }, by);
    current.set(at, content);
    versionOf.set(at, version);
  };

  const remember = (node: RawNode): void => {
    const operand = operandOf(node);
    if (operand === undefined || node.isCopy || !isView(node.op)) return;
    const version = versionOf.get(rootOf(operand)) ?? 0;
    for (const { output, by } of partsOf(node, extentOf)) {
      if (sometimesCopies.has(node.op) && !sharesMemory(operand, output)) continue;
      views.set(output, { parent: operand, node: by });
      seenVersion.set(output, version);
    }
  };

  const run = (node: RawNode): void => {
    if (node.inner) {
      runInner(node);
      return;
    }
    const args = resolve(node.args, node);
    if (!node.isInPlace) {
      nodes.push({ op: node.op, name: node.name, module: node.module, args, outputs: node.outputs });
      remember(node);
      return;
    }
    const target = isReference(node.args.out ?? null) ? (node.args.out as { ref: string }).ref : operandOf(node);
    delete args.out;
    const [output] = node.outputs;
    if (target === undefined) throw new AppError('MODEL_MALFORMED', `${placeOf(node)} changes nothing in place`);
    const value = emit({ op: node.op, args }, node);
    write(target, value, node);
    if (typeof output !== 'string') return;
    // The result is the changed tensor under another name.
    views.set(output, {
      parent: target,
      node: { ...node, op: 'alias', args: { self: { ref: target } }, isInPlace: false },
    });
    current.set(output, current.get(target) ?? target);
    seenVersion.set(output, versionOf.get(rootOf(target)) ?? 0);
  };

  /** A block under torch.no_grad() or autocast is part of the graph around it; what leaves the first has no derivative. */
  const runInner = (node: RawNode): void => {
    if (!/^wrap_with_(set_grad_enabled|autocast)$/.test(node.op) || !node.inner) {
      nodes.push({ op: node.op, name: node.name, module: node.module, args: {}, outputs: node.outputs });
      return;
    }
    const whole = objectOf(node.inner.graph, placeOf(node));
    const graph = objectOf(whole.graph, placeOf(node));
    const prefix = `${node.name}/`;
    const names = new Map<string, string>();
    listOf(graph.inputs, 'inputs').forEach((input, index) => {
      const inner = readArgument(input, placeOf(node));
      const outer = node.inner?.operands[index];
      if (isReference(inner) && outer !== undefined && isReference(outer)) names.set(inner.ref, outer.ref);
    });
    const rename = (name: string) => names.get(name) ?? prefix + name;
    const renameArgument = (argument: Argument): Argument => {
      if (isReference(argument)) return { ref: rename(argument.ref) };
      return Array.isArray(argument) ? (argument as readonly Argument[]).map(renameArgument) : argument;
    };
    for (const json of listOf(graph.nodes, 'nodes')) {
      const inner = readNode(json);
      run({
        ...inner,
        args: Object.fromEntries(Object.entries(inner.args).map(([key, value]) => [key, renameArgument(value)])),
        outputs: inner.outputs.map((output) =>
          output === null ? null : typeof output === 'string' ? rename(output) : output.map(rename),
        ),
      });
    }
    const isCut = node.op.includes('grad') && node.args.setting0 === false;
    const flat = outputNames(node);
    listOf(graph.outputs, 'outputs').forEach((output, index) => {
      const inner = renameArgument(readArgument(output, placeOf(node)));
      const name = flat[index];
      if (name === undefined || !isReference(inner)) return;
      nodes.push({
        op: isCut ? 'no_grad' : 'alias',
        name: node.name,
        module: node.module,
        args: { self: { ref: read(inner.ref, node) } },
        outputs: [name],
      });
    });
  };

  raw.forEach(run);
  const last = raw.at(-1);
  return { nodes, nameOf: (name: string): string => (last ? read(name, last) : name) };
}
