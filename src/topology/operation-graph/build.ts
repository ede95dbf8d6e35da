/** The topology of a graph: an input for each of its inputs, one layer that runs it all, and its parameters by module. */

import { AppError } from '../../errors.ts';
import type { InputLayerConfig } from '../layers/input-layer.ts';
import { countElements, defaultLimits, type TopologyLimits, tooLarge } from '../limits.ts';
import type { Layer, Node, Notice, Param, Shape, Topology } from '../topology.ts';
import type { Extent, GraphParam, OperationGraph } from './graph.ts';
import { type Role, rolesOf } from './roles.ts';

/** The class of the layer that runs a graph. */
export const graphClass = 'OperationGraph';

export const isGraphLayer = ({ className }: Pick<Layer, 'className'>): boolean => className === graphClass;

/** The graph of a topology that is one; undefined for networks of layers. */
export const graphOf = ({ layers }: Topology): OperationGraph | undefined =>
  layers.find(isGraphLayer)?.config as OperationGraph | undefined;

/** The batch that a graph was fixed to; null where any will do. */
export function fixedBatch({ inputs }: OperationGraph): number | null {
  const [first] = inputs;
  return typeof first?.shape[0] === 'number' ? first.shape[0] : null;
}

/** Without the batch; extents that are not fixed are left to the data. */
const ofSample = (shape: readonly Extent[]): Shape =>
  shape.slice(1).map((extent) => (typeof extent === 'number' ? extent : null));

const moduleOf = (name: string) => (name.includes('.') ? name.slice(0, name.lastIndexOf('.')) : '');

function paramOf(
  { name, aliases, shape, stored, isParameter }: GraphParam,
  role: Role,
  layer: string,
  isPartial: boolean,
): Param {
  const { key, group, initializer, outputFirst } = role;
  const saved = { aliases, dtype: stored, isBuffer: !isParameter, ...(isPartial ? { isPartial } : {}) };
  return { key, name, shape, group, initializer, layer, saved, ...(outputFirst ? { outputFirst } : {}) };
}

/** The parameters of each module as a layer that is never run by itself. */
function moduleLayers(graph: OperationGraph, roles: ReadonlyMap<string, Role>): Layer[] {
  const shapes = new Map(graph.shapes.map(({ name, shape }) => [name, shape]));
  const modules = new Map<string, GraphParam[]>();
  for (const param of graph.params) {
    const name = moduleOf(param.name) || graph.name;
    modules.set(name, [...(modules.get(name) ?? []), param]);
  }
  return [...modules].map(([name, params]): Layer => {
    const own = params.map((param) => roles.get(param.name) as Role);
    const first = own.find(({ node }) => node !== null);
    const [output] = first?.node?.outputs ?? [];
    const shape = typeof output === 'string' ? shapes.get(output) : undefined;
    return {
      name,
      className: first?.className ?? 'Module',
      config: {},
      params: params.map((param, index) => paramOf(param, own[index] as Role, name, graph.origin === 'onnx')),
      trainable: params.some(({ trainable }) => trainable),
      ...(shape ? { outputShape: ofSample(shape) } : {}),
    };
  });
}

function checkLimits({ params, nodes, elementsPerSample }: OperationGraph, limits: TopologyLimits): void {
  const total = params.reduce((sum, { shape }) => sum + countElements(shape), 0);
  if (total > limits.maxParameters)
    tooLarge(`the model has ${total} parameters, at most ${limits.maxParameters} are read`);
  if (nodes.length > limits.maxNodes)
    tooLarge(`the model has ${nodes.length} operations, at most ${limits.maxNodes} are read`);
  if (elementsPerSample > limits.maxOutputElements * 64) tooLarge('the values of one sample have too many elements');
}

const inputLayer = (name: string, config: InputLayerConfig): Layer => ({
  name,
  className: 'InputLayer',
  config,
  params: [],
  trainable: true,
});

function noticesOf(graph: OperationGraph, roles: ReadonlyMap<string, Role>): Notice[] {
  const unruled = graph.params.filter(({ name, trainable }) => trainable && roles.get(name)?.isKnown === false);
  const told = graph.notices.map((message) => ({ layer: graph.name, message }));
  if (unruled.length === 0) return told;
  const names = unruled.map(({ name }) => name).join(', ');
  const message = `no module tells how these are drawn; without given values they are N(0, 0.02^2), or 0 where called bias: ${names}`;
  return [...told, { layer: graph.name, message }];
}

/** Throws MODEL_TOO_LARGE, MODEL_MALFORMED. */
export function buildGraphTopology(graph: OperationGraph, given: Partial<TopologyLimits> = {}): Topology {
  checkLimits(graph, { ...defaultLimits, ...given });
  const roles = rolesOf(graph);
  const shapes = new Map(graph.shapes.map(({ name, shape }) => [name, shape]));
  const inputs = graph.inputs.map(({ name, dtype, shape }): Layer => {
    if (shape.length === 0)
      throw new AppError('MODEL_MALFORMED', `the input "${name}" is a scalar, without a batch axis`);
    return inputLayer(name, {
      shape: ofSample(shape),
      dtype: dtype === 'float32' ? dtype : 'int32',
      isBoolean: dtype === 'bool',
    });
  });
  const modules = moduleLayers(graph, roles);
  const main: Layer = { name: graph.name, className: graphClass, config: graph, params: [], trainable: true };
  const layers = [...inputs, ...modules, main];
  const inputNodes = inputs.map(({ config }, id): Node => {
    return { id, layer: id, inputs: [], call: {}, shape: (config as InputLayerConfig).shape };
  });
  const shapeOf = (name: string) => ofSample(shapes.get(name) ?? [null]);
  const [first = ''] = graph.outputs;
  const start = inputNodes.length;
  const whole: Node = {
    id: start,
    layer: layers.length - 1,
    inputs: inputNodes.map(({ id }) => id),
    call: {},
    shape: shapeOf(first),
  };
  const further = graph.outputs.slice(1).map((name, index): Node => {
    const id = start + 1 + index;
    return {
      id,
      layer: layers.length - 1,
      inputs: whole.inputs,
      call: {},
      of: { node: start, output: index + 1 },
      shape: shapeOf(name),
    };
  });
  return {
    name: graph.name,
    layers,
    nodes: [...inputNodes, whole, ...further],
    inputs: inputNodes.map(({ id }) => id),
    inputDtypes: inputs.map(({ config }) => (config as InputLayerConfig).dtype),
    outputs: [start, ...further.map(({ id }) => id)],
    notices: noticesOf(graph, roles),
    innerElements: graph.elementsPerSample,
  };
}
