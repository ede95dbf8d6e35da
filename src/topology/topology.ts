/**
 * The internal representation of a network: parsers convert every topology format to it, the engine runs it, and artifacts are written from it.
 *
 * It is pure data without TensorFlow, so that the API can check shapes, count parameters and estimate memory without loading TensorFlow.
 */

import type { JsonObject } from '../json.ts';
import type { Initializer } from './initializers.ts';

/** A shape without the batch axis unless stated otherwise; `null` is an extent that only the data determines. */
export type Shape = readonly (number | null)[];

/** 'weight' and 'bias' are the two groups of the published code (lower bounds min_scale and 0); 'none' is not trained. */
export type ParamGroup = 'weight' | 'bias' | 'none';

/** One parameter tensor as a layer declares it. */
export interface LayerParam {
  /** Name inside the layer: 'kernel', 'bias', 'query/kernel', 'forward_lstm/kernel' ... */
  readonly key: string;
  readonly shape: readonly number[];
  readonly initializer: Initializer;
  readonly group: ParamGroup;
  /** Set for kernels of PyTorch, [out, in, ...space]: the number of matrices (gates, groups) that are concatenated in the first axis. */
  readonly outputFirst?: { readonly blocks: number };
}

/** Properties of a tensor in a state_dict that a name and an array of floats do not express. */
export interface SavedTensor {
  /** Further names of the same tensor. */
  readonly aliases: readonly string[];
  /** An element type of safetensors: 'F32', 'BF16', 'I64' ... */
  readonly dtype: string;
  /** True for state that training does not change. */
  readonly isBuffer: boolean;
  /** True where the file of the model may lack tensors of its state: ONNX keeps one name of tied parameters, and none that nothing reads. */
  readonly isPartial?: boolean;
}

/** One parameter tensor of the network. */
export interface Param extends LayerParam {
  /** The name that the framework gives it, unique in the topology, for example `conv2d_1/kernel`. */
  readonly name: string;
  readonly layer: string;
  /** Set where the model has a state_dict. */
  readonly saved?: SavedTensor;
  /** Path of the parameter in weights files of Keras 3: 'layers/dense/vars/0'. Absent for parameters that a method adds. */
  readonly stored?: string;
}

/** A property of a topology that has no effect on a run. */
export interface Notice {
  readonly layer: string;
  readonly message: string;
}

/** The posted form of a layer, for writing it again. */
export interface LayerSource {
  /** Prefix of the names of its parameters; unique in the topology. */
  readonly scope: string;
  readonly className: string;
  readonly config: JsonObject;
}

/** A layer: one configuration and one set of parameters, used by one node or (shared) by several. */
export interface Layer {
  readonly name: string;
  readonly className: string;
  /** The configuration parsed by the LayerSpec of `className`, which determines its type. */
  readonly config: unknown;
  readonly params: readonly Param[];
  readonly trainable: boolean;
  /** For layers that no node applies (modules of an operation graph): their output shape, for summaries. */
  readonly outputShape?: Shape;
  /** Absent for layers that were not parsed from a topology. */
  readonly source?: LayerSource;
}

/** One application of a layer, or one further output of it. */
export interface Node {
  /** Index in `Topology.nodes`; inputs always have smaller ids. */
  readonly id: number;
  /** Index in `Topology.layers`. */
  readonly layer: number;
  /** Ids of the input nodes, in the order of the call. */
  readonly inputs: readonly number[];
  /** Arguments of the call that are not plain inputs (for example use_causal_mask of attention). */
  readonly call: Readonly<Record<string, unknown>>;
  /** Ids of the mask nodes, one entry per input; absent where no input is masked. A mask is 1 where a step counts, else 0. */
  readonly masks?: readonly (number | null)[];
  /** Set for an output after the first: this node is output `output` of the application at node `node`. */
  readonly of?: { readonly node: number; readonly output: number };
  /** Output shape without the batch axis. */
  readonly shape: Shape;
}

export interface Topology {
  readonly name: string;
  readonly layers: readonly Layer[];
  /** Nodes in topological order. */
  readonly nodes: readonly Node[];
  /** Node ids of the InputLayers, in the order of the model's inputs. */
  readonly inputs: readonly number[];
  readonly inputDtypes: readonly ('float32' | 'int32')[];
  /** Node ids of the outputs, in the order of the model's outputs. */
  readonly outputs: readonly number[];
  /**
   * Node ids of the masks of the outputs, one entry for each: 1 where a step counts, else 0. Absent where no output is masked, and where the framework takes
   * losses without masks (TensorFlow.js).
   */
  readonly outputMasks?: readonly (number | null)[];
  /** Elements of one sample that are no outputs of nodes: the values inside of an operation graph. */
  readonly innerElements?: number;
  /** Properties of the topology that a run ignores without changing the outputs; for reports. */
  readonly notices?: readonly Notice[];
}

/** The layer that node `id` applies. */
export const layerAt = ({ layers, nodes }: Topology, id: number): Layer => layers[(nodes[id] as Node).layer] as Layer;
