/** The registry of topology formats, and the function that reads posted JSON into a topology. */
import { AppError } from '../errors.ts';
import { isJsonObject, type JsonObject, show } from '../json.ts';
import { type BuildOptions, buildTopology } from '../topology/build.ts';
import { buildGraphTopology } from '../topology/operation-graph/build.ts';
import { parseGraph } from '../topology/operation-graph/parse.ts';
import type { Shape, Topology } from '../topology/topology.ts';
import { unwrapModel } from './envelope.ts';
import { type GraphFileName, graphFormats } from './graph-files.ts';
import { keras1 } from './keras1.ts';
import { keras2 } from './keras2.ts';
import { keras3 } from './keras3.ts';
import type { ModelFormat } from './model-format.ts';
import { checkJson, parseJson } from './parse-json.ts';
import { tfjsLayers } from './tfjs-layers.ts';

/** The order in which formats are detected: Keras 3 and 2 come first, because their JSON has all members of tfjs JSON and more. */
export const modelFormats = { keras3, keras1, keras2, 'tfjs-layers': tfjsLayers } as const satisfies Record<
  string,
  ModelFormat
>;

export type GraphFormatName = GraphFileName | 'operations';

export type ModelFormatName = keyof typeof modelFormats;

export const modelFormatNames = Object.keys(modelFormats) as ModelFormatName[];

/** The format of a topology; undefined for unknown JSON. */
export function detectModelFormat(json: unknown): ModelFormatName | undefined {
  if (!isJsonObject(json)) return undefined;
  return modelFormatNames.find((name) => modelFormats[name].detect(json));
}

export interface ModelRequest extends Omit<BuildOptions, 'style'> {
  /** Default: the format that is detected. */
  readonly format?: ModelFormatName;
  /** The JSON as a text or as a parsed value. */
  readonly topology: unknown;
}

export interface ParsedModel {
  readonly topology: Topology;
  readonly format: ModelFormatName | GraphFormatName;
  /** The posted object with class_name and config, without its envelopes. */
  readonly source: JsonObject;
  /** JSON pointer to `source` in the posted value. */
  readonly pointer: string;
}

function readObject(topology: unknown): JsonObject {
  const json = typeof topology === 'string' ? parseJson(topology) : topology;
  checkJson(json);
  if (isJsonObject(json)) return json;
  throw new AppError(
    'MODEL_MALFORMED',
    `a topology must be a JSON object with class_name and config, got ${show(json)}`,
  );
}

/** True for an operation graph, the form to which files of graphs are converted. */
export const isOperationGraph = (json: unknown): boolean => isJsonObject(json) && json.format === 'operations';

function parseOperations(json: JsonObject, limits: BuildOptions['limits']): ParsedModel {
  const graph = parseGraph(json);
  const format = Object.hasOwn(graphFormats, graph.origin) ? (graph.origin as GraphFormatName) : 'operations';
  return { topology: buildGraphTopology(graph, limits), format, source: json, pointer: '' };
}

/**
 * Parses a topology in any of the formats and builds it.
 *
 * Throws MODEL_MALFORMED, MODEL_CYCLE, MODEL_TOO_LARGE, LAYER_UNKNOWN or LAYER_INVALID with the layer, the place and the fix.
 */
export function parseModel({ format, topology, ...options }: ModelRequest): ParsedModel {
  const json = readObject(topology);
  if (isOperationGraph(json)) return parseOperations(json, options.limits);
  const { model, pointer } = unwrapModel(json);
  const detected = detectModelFormat(model);
  if (!detected) {
    const keys = Object.keys(model).slice(0, 5).join(', ') || 'none';
    throw new AppError('MODEL_MALFORMED', `a topology must have class_name and config; its keys are: ${keys}`, {
      problems: [{ pointer, message: 'class_name is missing' }],
    });
  }
  if (format === 'keras3' && detected !== 'keras3') {
    throw new AppError(
      'MODEL_MALFORMED',
      'the topology was not written by Keras 3 (no module or registered_name); give its format as tfjs-layers',
    );
  }
  // Keras 3 JSON is recognised reliably; the older formats have the same form, so that for these a stated format takes precedence over the detected
  // one.
  const chosen = format !== undefined && detected !== 'keras3' ? format : detected;
  const { parse, style, masks } = modelFormats[chosen];
  const built = buildTopology(parse(model, pointer), { ...options, style, masks });
  return { topology: built, format: chosen, source: model, pointer };
}

const isLayerFormat = (format: ParsedModel['format']): format is ModelFormatName =>
  modelFormatNames.some((name) => name === format);

/**
 * The topology of a model whose undefined extents are set to the shapes of samples, one for each input, so that every shape inside is known.
 *
 * Throws LAYER_INVALID, with the place, for a layer that does not fit samples of these shapes.
 */
export function closeShapes(
  { topology, format, source, pointer }: ParsedModel,
  inputShapes: readonly Shape[],
): Topology {
  const isClosed = topology.inputs.every((id) => topology.nodes[id]?.shape.every((extent) => extent !== null));
  // Graphs of operations determine their shapes when they run.
  if (isClosed || !isLayerFormat(format)) return topology;
  const { parse, style, masks } = modelFormats[format];
  return buildTopology(parse(source, pointer), { style, masks, inputShapes });
}
