/** Converts a topology to the JSON that `tf.loadLayersModel` reads. */
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

/** tfjs names a weight after its layer, so that the layer is named by the scope of its parameters. */
const nameOf = (layer: Layer): string => layer.source?.scope ?? layer.name;

function writeConfig(layer: Layer, node: Node, topology: Topology): JsonObject {
  const name = nameOf(layer);
  if (layer.className === 'InputLayer') {
    const dtype = topology.inputDtypes[topology.inputs.indexOf(node.id)] ?? 'float32';
    // The declared shape: extents that were set by samples only are undefined again.
    const { shape } = layer.config as InputLayerConfig;
    return { batch_input_shape: [null, ...shape], dtype, sparse: false, name };
  }
  const refuse = refusal(layer);
  if (!layer.source) return refuse('its configuration is not known');
  return { ...toTfjsConfig(layer.className, layer.source.config, refuse), name, trainable: layer.trainable };
}

/** A functional model without nested models, in the key style of `model.toJSON(null, false)`. Throws ARTIFACT_UNSUPPORTED naming the layer. */
export function writeFunctional(topology: Topology): JsonObject {
  // The calls of a layer are numbered in the order of its nodes.
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

/** Parameter name -> name of the weight in tfjs, for the JSON of `writeFunctional`. */
export function tfjsWeightNames(topology: Topology): Map<string, string> {
  return new Map(
    topology.layers.flatMap((layer) => layer.params.map(({ name, key }) => [name, `${nameOf(layer)}/${key}`])),
  );
}

/** True when a layer was posted without a name or with a duplicate one: under the posted names, tfjs would not find their weights. */
function hasRenamedLayers({ layers }: Topology): boolean {
  return layers.some(({ params, source }) => params.length > 0 && source?.config.name !== source?.scope);
}

/**
 * The model for tfjs: unchanged where it was posted as tfjs JSON, otherwise rewritten as a functional model without nested models.
 *
 * Throws ARTIFACT_UNSUPPORTED with the first layer that tfjs-layers cannot build.
 */
export function toTfjsLayersJson({
  topology,
  format,
  source,
}: Pick<ParsedModel, 'topology' | 'format' | 'source'>): JsonObject {
  // tfjs computes masks implicitly; in the topology they are nodes that do not belong to a layer.
  const isMasked = topology.nodes.some(({ masks }) => masks !== undefined);
  if (format === 'tfjs-layers' && isMasked && !hasRenamedLayers(topology)) return source;
  const written = writeFunctional(topology);
  return format === 'tfjs-layers' && !hasRenamedLayers(topology) ? source : written;
}
