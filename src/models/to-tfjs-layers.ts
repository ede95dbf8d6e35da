/** Writes a topology as the JSON that stock `tf.loadLayersModel` reads. */
import { AppError } from '../errors.ts';
import type { Json, JsonObject } from '../json.ts';
import type { InputLayerConfig } from '../topology/layers/input-layer.ts';
import type { Layer, Node, Topology } from '../topology/topology.ts';
import type { ParsedModel } from './index.ts';
import { toTfjsConfig } from './tfjs-config.ts';

function refusal({ name, className }: Layer): (reason: string) => never {
  return (reason) => {
    const message = `layer "${name}" (${className}) cannot be written for TensorFlow.js: ${reason}. Ask for safetensors or npz instead`;
    throw new AppError('ARTIFACT_UNSUPPORTED', message, { details: { layer: name, className } });
  };
}

/** tfjs names a weight after its layer, so a layer gets the scope of its parameters as its name. */
const nameOf = (layer: Layer): string => layer.source?.scope ?? layer.name;

function writeConfig(layer: Layer, node: Node, topology: Topology): JsonObject {
  const name = nameOf(layer);
  if (layer.className === 'InputLayer') {
    const dtype = topology.inputDtypes[topology.inputs.indexOf(node.id)] ?? 'float32';
    // As it was declared: extents that only samples gave stay open.
    const { shape } = layer.config as InputLayerConfig;
    return { batch_input_shape: [null, ...shape], dtype, sparse: false, name };
  }
  const refuse = refusal(layer);
  if (!layer.source) return refuse('its configuration is not known');
  return { ...toTfjsConfig(layer.className, layer.source.config, refuse), name, trainable: layer.trainable };
}

/** A functional model without nesting, in the key style of `model.toJSON(null, false)`. Throws ARTIFACT_UNSUPPORTED naming the layer. */
export function writeFunctional(topology: Topology): JsonObject {
  // A layer's calls are counted in the order of its nodes.
  const calls = new Map<number, Node[]>();
  const references = topology.nodes.map((node): Json[] => {
    const known = calls.get(node.layer) ?? [];
    calls.set(node.layer, known);
    return [nameOf(topology.layers[node.layer] as Layer), known.push(node) - 1, 0];
  });
  const reference = (id: number) => references[id] as Json[];
  const layers = [...calls].map(([position, nodes]): JsonObject => {
    const layer = topology.layers[position] as Layer;
    const config = writeConfig(layer, nodes[0] as Node, topology);
    const called = nodes.filter(({ inputs }) => inputs.length > 0);
    const inbound = called.map(({ inputs }): Json[] => inputs.map((id) => [...reference(id), {}]));
    return { name: nameOf(layer), class_name: layer.className, config, inbound_nodes: inbound };
  });
  const input_layers = topology.inputs.map(reference);
  const output_layers = topology.outputs.map(reference);
  return { class_name: 'Model', config: { name: topology.name, layers, input_layers, output_layers } };
}

/** Parameter name -> the name under which tfjs looks for it in the weights of the JSON above. */
export function tfjsWeightNames(topology: Topology): Map<string, string> {
  return new Map(
    topology.layers.flatMap((layer) => layer.params.map(({ name, key }) => [name, `${nameOf(layer)}/${key}`])),
  );
}

/** Layers that were posted without a name, or with one that others have: tfjs would not find their weights. */
function hasRenamedLayers({ layers }: Topology): boolean {
  return layers.some(({ params, source }) => params.length > 0 && source?.config.name !== source?.scope);
}

/**
 * The model for stock tfjs: as it was posted where that was tfjs JSON, else rewritten without nesting.
 *
 * Throws ARTIFACT_UNSUPPORTED with the first layer that stock tfjs-layers cannot build.
 */
export function toTfjsLayersJson({
  topology,
  format,
  source,
}: Pick<ParsedModel, 'topology' | 'format' | 'source'>): JsonObject {
  // tfjs works masks out by itself; here they are nodes, which have no layer of its own.
  const isMasked = topology.nodes.some(({ masks }) => masks !== undefined);
  if (format === 'tfjs-layers' && isMasked && !hasRenamedLayers(topology)) return source;
  const written = writeFunctional(topology);
  return format === 'tfjs-layers' && !hasRenamedLayers(topology) ? source : written;
}
