/** A torch.export archive as an operation graph. */
import { AppError } from '../../errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../../json.ts';
import { sizeOf } from '../../ndarray.ts';
import { refuseOperation } from '../../topology/operation-graph/bind.ts';
import { type ConstantData, packConstant } from '../../topology/operation-graph/constants.ts';
import {
  type GraphConstant,
  type GraphInput,
  type GraphNode,
  type GraphParam,
  inputNames,
  type OperationGraph,
  outputNames,
} from '../../topology/operation-graph/graph.ts';
import { liveNodes } from '../../topology/operation-graph/live.ts';
import { signatures } from '../../topology/operation-graph/signatures/index.ts';
import { malformed, readArchive, readEntries, reexport } from './archive.ts';
import { toFunctional } from './functional.ts';
import { knownBuffer } from './known-buffers.ts';
import { readNode } from './nodes.ts';
import { listOf, objectOf, type TensorMeta, tensorMeta } from './schema.ts';
import { readSignature, type Signature } from './signature.ts';
import { decodeTensor, type StoredTensor, storedTensors } from './tensors.ts';

const readableMajor = 8;

const sameStrides = (a: TensorMeta | undefined, b: TensorMeta | undefined): boolean => {
  if (!a || !b) return true;
  if (a.type?.stored !== b.type?.stored) return false;
  const moved = (meta: TensorMeta) => (meta.strides ?? []).filter((_, axis) => meta.hints[axis] !== 1);
  return `${a.hints}` !== `${b.hints}` || `${moved(a)}` === `${moved(b)}`;
};

/** Whether the model was traced for inference: normalisations with running statistics and no other, or dropout that is off. */
function modeOf(nodes: readonly GraphNode[]): OperationGraph['mode'] {
  const flags = nodes.flatMap(({ op, args }) => {
    if (op === '_native_batch_norm_legit_no_training') return [false];
    if (/batch_norm/.test(op)) return typeof args.training === 'boolean' ? [args.training] : [];
    return [];
  });
  const dropouts = nodes.flatMap(({ op, args }) =>
    /dropout/.test(op) && typeof args.train === 'boolean' ? [args.train] : [],
  );
  const isEval = (list: readonly boolean[]) => list.length > 0 && list.every((flag) => !flag);
  return isEval(flags) && !dropouts.includes(true) ? 'eval' : isEval(dropouts) && flags.length === 0 ? 'eval' : 'train';
}

/** Normalisations of a graph for inference, as those of one for training: the mode of a run decides which statistics they use. */
const asTraining = (node: GraphNode): GraphNode => {
  if (node.op === '_native_batch_norm_legit_no_training')
    return { ...node, op: '_native_batch_norm_legit_functional', args: { ...node.args, training: true } };
  return /batch_norm/.test(node.op) && 'training' in node.args
    ? { ...node, args: { ...node.args, training: true } }
    : node;
};

const evalNotice =
  'the model was exported for inference (model.eval()): its batch normalisations use the statistics of the batch here, as in training; export it after model.train() to be sure that this is what trains';

async function readConstants(
  file: string,
  tensors: readonly (StoredTensor & { ref: string })[],
): Promise<GraphConstant[]> {
  const paths = new Set(tensors.map(({ path }) => path));
  const { entries } = await readEntries(file, (path) => paths.has(path));
  return tensors.map((tensor): GraphConstant => {
    const { dtype } = tensor.meta.type;
    const packed = (data: ConstantData): GraphConstant => ({
      name: tensor.ref,
      dtype,
      shape: tensor.meta.hints,
      data: packConstant(data),
    });
    if (!tensor.hasValues) return packed((knownBuffer(tensor) ?? withoutValues(tensor)).data);
    const { data } = decodeTensor(tensor, entries.get(tensor.path) as Uint8Array);
    return packed(dtype === 'int32' ? Int32Array.from(data) : data);
  });
}

const withoutValues = ({ name }: StoredTensor): never =>
  malformed(
    `has no values of "${name}", which is part of the computation: it was exported on the meta device; export it on the CPU`,
  );

/** What was taken for constants without values. */
const guesses = (tensors: readonly StoredTensor[]): string[] =>
  tensors.flatMap((tensor) => {
    const found = tensor.hasValues ? undefined : knownBuffer(tensor);
    return found ? [found.notice] : [];
  });

function readParams(
  signature: Signature,
  stored: ReadonlyMap<string, StoredTensor>,
  used: ReadonlySet<string>,
): { params: GraphParam[]; notices: string[] } {
  const refs = new Map<string, string[]>();
  for (const { ref, name, kind } of signature.params)
    if (kind !== 'constant') refs.set(name, [...(refs.get(name) ?? []), ref]);
  const order = [...new Set([...refs.keys(), ...stored.keys()])];
  const groups = new Map<string, StoredTensor[]>();
  for (const name of order) {
    const tensor = stored.get(name) ?? malformed(`lacks the description of "${name}"`);
    groups.set(tensor.key, [...(groups.get(tensor.key) ?? []), tensor]);
  }
  const params = [...groups.values()].map((tensors): GraphParam => {
    const [first] = tensors as [StoredTensor];
    const { type, hints, requiresGrad } = first.meta;
    const isParameter = tensors.some((tensor) => tensor.isParameter);
    return {
      name: first.name,
      aliases: tensors.slice(1).map(({ name }) => name),
      refs: tensors.flatMap(({ name }) => refs.get(name) ?? []).filter((ref) => used.has(ref)),
      shape: hints,
      dtype: type.dtype,
      stored: type.stored,
      isParameter,
      trainable: isParameter && requiresGrad && type.dtype === 'float32',
    };
  });
  return { params, notices: hiddenTies(params, stored) };
}

/** Without values ties cannot be seen: a parameter that nothing reads and that has the shape of one that is read may be its other name. */
function hiddenTies(params: readonly GraphParam[], stored: ReadonlyMap<string, StoredTensor>): string[] {
  return params.flatMap(({ name, refs, shape, trainable }) => {
    if (refs.length > 0 || !trainable || stored.get(name)?.hasValues) return [];
    const twin = params.find((other) => other.refs.length > 0 && other.trainable && `${other.shape}` === `${shape}`);
    return twin
      ? [
          `"${name}" is read by nothing and has the shape of "${twin.name}"; if they are tied, copy its values after loading (exports without values do not show ties)`,
        ]
      : [];
  });
}

function symbolsOf(program: JsonObject): OperationGraph['symbols'] {
  const constraints = isJsonObject(program.range_constraints) ? program.range_constraints : {};
  return Object.entries(constraints).map(([name, value]) => {
    const { min_val: min, max_val: max } = isJsonObject(value) ? value : {};
    return { name, min: typeof min === 'number' ? min : 0, max: typeof max === 'number' ? max : null };
  });
}

function checkVersion(program: JsonObject): void {
  const version = objectOf(program.schema_version, 'schema_version');
  if (version.major !== readableMajor)
    malformed(
      `has the schema ${String(version.major)}.${String(version.minor)}, version ${readableMajor} is read; ${reexport}`,
    );
}

const metasOf = (graph: JsonObject): Map<string, TensorMeta> =>
  new Map(
    Object.entries(objectOf(graph.tensor_values, 'tensor_values')).map(([name, value]): [string, TensorMeta] => [
      name,
      tensorMeta(value, `the value "${name}"`),
    ]),
  );

function inputOf(name: string, metas: ReadonlyMap<string, TensorMeta>): GraphInput {
  const meta = metas.get(name) ?? malformed(`lacks the shape of the input "${name}"`);
  if (meta.type === null)
    return malformed(`takes the input "${name}" of a type that is not read (complex or quantised)`);
  return { name, dtype: meta.type.dtype, shape: meta.shape, example: meta.hints };
}

function elementsOf(nodes: readonly GraphNode[], metas: ReadonlyMap<string, TensorMeta>, batch: number): number {
  const total = nodes.flatMap(outputNames).reduce((sum, name) => {
    const hints = metas.get(name)?.hints;
    return hints ? sum + sizeOf(hints) : sum;
  }, 0);
  return Math.ceil(total / Math.max(1, batch));
}

function refuseChanged(nodes: readonly GraphNode[], { mutations }: Signature): void {
  const reads = new Set(nodes.flatMap(inputNames));
  const found = nodes.find(
    (node) => node.op === 'changed_buffer' || outputNames(node).some((name) => mutations.has(name) && reads.has(name)),
  );
  if (!found) return;
  const module = found.module === '' ? '' : ` of module "${found.module}"`;
  throw new AppError(
    'LAYER_UNKNOWN',
    `the node "${found.name}"${module} changes a buffer and forward uses the changed one: a step would depend on the steps before it; compute it from the batch, or keep it out of the output`,
    { details: { node: found.name, module: found.module } },
  );
}

/** The graph of a file, without the values of its parameters. Throws MODEL_MALFORMED, MODEL_TOO_LARGE, LAYER_UNKNOWN. */
export async function readProgram(file: string): Promise<OperationGraph> {
  const { readGraph, weights, constants, sizes } = await readArchive(file);
  const program = readGraph();
  checkVersion(program);
  const module = objectOf(program.graph_module, 'graph_module');
  const graph = objectOf(module.graph, 'graph');
  const signature = readSignature(objectOf(module.signature, 'signature'));
  const metas = metasOf(graph);
  const raw = listOf(graph.nodes, 'nodes').map((node: Json) => readNode(node));
  const { nodes: all, nameOf } = toFunctional(raw, {
    sharesMemory: (operand, result) => sameStrides(metas.get(operand), metas.get(result)),
    extentOf: (name, axis) => {
      const extent = metas.get(name)?.shape.at(axis);
      return typeof extent === 'number' ? extent : null;
    },
    state: new Set(signature.params.map(({ ref }) => ref)),
  });
  const outputs = signature.outputs.map(nameOf);
  const nodes = liveNodes(all, outputs);
  refuseChanged(nodes, signature);
  for (const node of nodes) if (!signatures.has(node.op)) refuseOperation(node);
  const mode = modeOf(nodes);
  const used = new Set([...nodes.flatMap(inputNames), ...outputs]);
  const literals = storedTensors(constants, 'data/constants', sizes);
  const wanted = signature.params.flatMap(({ ref, name, kind }) => {
    const tensor =
      kind === 'constant' && used.has(ref) ? (literals.get(name) ?? malformed(`lacks the constant "${name}"`)) : null;
    return tensor ? [{ ...tensor, ref }] : [];
  });
  const { params, notices } = readParams(signature, storedTensors(weights, 'data/weights', sizes), used);
  const inputs = signature.inputs.map((name) => inputOf(name, metas));
  const kept = new Set([...inputs.map(({ name }) => name), ...nodes.flatMap(outputNames), ...outputs]);
  return {
    name: 'model',
    producer: `torch.export ${String(program.torch_version ?? '').slice(0, 40)}`.trim(),
    origin: 'pt2',
    mode,
    inputs,
    params,
    constants: await readConstants(file, wanted),
    nodes: mode === 'eval' ? nodes.map(asTraining) : nodes,
    outputs,
    shapes: shapesOf(metas, kept, signature.outputs, outputs),
    symbols: symbolsOf(program),
    elementsPerSample: elementsOf(nodes, metas, inputs[0]?.example[0] ?? 1),
    notices: [...(mode === 'eval' ? [evalNotice] : []), ...notices, ...guesses(wanted)],
  };
}

/** Shapes of what is kept; an output that was changed in place has the shape of its first name. */
function shapesOf(
  metas: ReadonlyMap<string, TensorMeta>,
  kept: ReadonlySet<string>,
  before: readonly string[],
  after: readonly string[],
): OperationGraph['shapes'] {
  const named = [...metas].filter(([name]) => kept.has(name)).map(([name, { shape }]) => ({ name, shape }));
  const known = new Set(named.map(({ name }) => name));
  const renamed = after.flatMap((name, index) => {
    const shape = metas.get(before[index] ?? '')?.shape;
    return shape && !known.has(name) ? [{ name, shape }] : [];
  });
  return [...named, ...renamed];
}
